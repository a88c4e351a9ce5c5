// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { defineDecoration, required } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import { DivergedError, type Verify, verify } from '../src/index.ts';
import { type Frozen, type Op, Sum } from './test-state.ts';

const state = { create: (): Sum => new Sum({} as Frozen), thaw: (frozen: Frozen): Sum => new Sum(frozen) };
const builder = createNode<Sum>({ id: 'a', state, transport: memoryNetwork().transport('a') });
const user = () =>
  defineDecoration()({
    name: 'user',
    needs: { verify: required<Verify>() },
    inert: { last: () => undefined },
    install: ({ uses }) => ({ last: (): number | undefined => uses.verify.lastConfirmed }),
  });
const catchUp = (vet: (check: (snapshot: { readonly round: number }) => Promise<boolean>) => void) =>
  defineDecoration()({ name: 'catchUp', inert: { vet }, install: () => ({ vet }) });

/** What needs it comes after it; it takes the types of the state and of its entries. */
export async function inOrder(): Promise<number | undefined> {
  const entry = (digest: string, of: number): Extract<Op, { type: 'digest' }> => ({
    id: digest,
    type: 'digest',
    digest,
    of,
  });
  const node = await builder
    .with(catchUp(() => {}))
    .with(verify<Sum, Op>({ everyRounds: ({ everyRounds }) => everyRounds, digest: ({ sum }) => String(sum), entry }))
    .with(user())
    .start();
  const stop = node.verify.onCheck((check) => {
    if (check.type === 'diverged') throw new DivergedError(check.error.from, check.round);
  });
  stop();
  const isSo: boolean = await node.verify.confirms(5);
  return isSo ? node.user.last() : node.verify.lastConfirmed;
}

/** Misuse does not compile. */
export function misuse(): void {
  // @ts-expect-error: install it first
  builder.with(user()).with(verify());
  // @ts-expect-error: it is installed already
  builder.with(verify()).with(verify());
  // @ts-expect-error: a catchUp that lets nobody have a say
  builder.with(defineDecoration()({ name: 'catchUp', inert: { vet: 5 }, install: () => ({ vet: 5 }) })).with(verify());
  // @ts-expect-error: there is no such option
  verify({ every: 3 });
  // @ts-expect-error: a digest is a text, or bytes
  verify<Sum>({ digest: ({ sum }) => sum });
  // @ts-expect-error: the state has no such entry
  builder.with(verify<Sum, { id: string; type: 'none' }>({ entry: () => ({ id: '1', type: 'none' }) }));
}
