import type { ApplyContext, NodeInfo } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';

/** Any state, as far as a node is concerned. */
export interface AnyState {
  apply(entry: never, context: ApplyContext<never>): unknown;
  cluster(): readonly NodeInfo[];
  concurrency?(): number;
  freeze(): unknown;
}

/** The window of a state that names none. */
export const concurrencyDefault = 1_024;
const concurrencyMax = 65_536;

/** Checks what a state names as its members. */
export function checkedMembers(members: readonly NodeInfo[]): readonly NodeInfo[] {
  const remedy = 'state.cluster() must name at least one member, each { id, address? } once';
  if (!Array.isArray(members) || members.length === 0) throw new InvalidError('state.cluster()', members, remedy);
  const ids = new Set<string>();
  for (const member of members as readonly unknown[]) {
    const { id, address } = (member ?? {}) as { readonly id?: unknown; readonly address?: unknown };
    if (typeof id !== 'string' || id.length === 0 || id.length > 85 || ids.has(id))
      throw new InvalidError('state.cluster(): a member id', id, remedy);
    if (address !== undefined && typeof address !== 'string')
      throw new InvalidError(`state.cluster(): the address of "${id}"`, address, remedy);
    ids.add(id);
  }
  return members;
}

/** Checks the window that a state names. */
export function checkedConcurrency(state: AnyState): number {
  const concurrency = state.concurrency?.() ?? concurrencyDefault;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > concurrencyMax) {
    throw new InvalidError('state.concurrency()', concurrency, `give an integer from 1 to ${concurrencyMax}`);
  }
  return concurrency;
}

/** Whether both name the same members, at the same addresses, in the same order. */
export function sameMembers(a: readonly NodeInfo[], b: readonly NodeInfo[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((member, index) => member.id === b[index]?.id && member.address === b[index]?.address);
}
