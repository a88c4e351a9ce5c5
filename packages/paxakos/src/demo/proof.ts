import { calculate, type OperationType } from '../calculator/operation.ts';
import type { StateDocument, StateRow } from '../calculator/state-text.ts';
import type { Acknowledgement } from './ledger.ts';

/** What the states say about what was acknowledged. */
export interface Proof {
  /** Whether every state has the same bytes. */
  readonly equal: boolean;
  /** How many acknowledged operations are missing in some state. */
  readonly lost: number;
  /** How many effects there are beyond one for each operation. */
  readonly appliedTwice: number;
  /** How many operations have another round or value than was acknowledged. */
  readonly altered: number;
  /** How many acknowledged operations are too old for the states to remember; nothing is proven of these. */
  readonly forgotten: number;
  /** How many operations the states list. */
  readonly operations: number;
  readonly value: number;
  /** The round of the oldest operation that the states remember, where some are forgotten. */
  readonly rememberedFrom: number | undefined;
}

export function holds(proof: Proof): boolean {
  return proof.equal && proof.lost === 0 && proof.appliedTwice === 0 && proof.altered === 0;
}

/**
 * Compares the texts of all states, and what they list with what was acknowledged. The operations that a state lists are calculated
 * once more, in their order: an operation that took effect twice, or not at all, breaks the chain of values.
 */
export function prove(states: readonly Buffer[], acknowledged: ReadonlyMap<string, Acknowledgement>): Proof {
  const [first, ...others] = states;
  if (first === undefined) throw new Error('there is no state to prove anything of');
  const different = others.filter((bytes) => !bytes.equals(first));
  const proofs = [first, ...different].map((bytes) => proveOne(bytes, acknowledged));
  const most = (field: 'lost' | 'appliedTwice' | 'altered' | 'forgotten') =>
    Math.max(...proofs.map((proof) => proof[field]));
  return {
    ...(proofs[0] as Proof),
    equal: different.length === 0,
    lost: most('lost'),
    appliedTwice: most('appliedTwice'),
    altered: most('altered'),
    forgotten: most('forgotten'),
  };
}

function proveOne(bytes: Buffer, acknowledged: ReadonlyMap<string, Acknowledgement>): Proof {
  const { base, forgotten: forgottenCount, operations, value } = JSON.parse(bytes.toString('utf8')) as StateDocument;
  const rows = new Map<string, StateRow>();
  for (const row of operations) rows.set(row[0], row);
  const rememberedFrom = forgottenCount > 0 ? operations[0]?.[1] : undefined;
  let [lost, altered, forgotten] = [0, 0, 0];
  for (const [id, entry] of acknowledged) {
    const row = rows.get(id);
    if (row !== undefined) altered += row[1] === entry.round && row[4] === entry.value ? 0 : 1;
    else if (rememberedFrom !== undefined && entry.round < rememberedFrom) forgotten += 1;
    else lost += 1;
  }
  const appliedTwice = operations.length - rows.size + brokenSteps(base, operations, value);
  return { equal: true, lost, appliedTwice, altered, forgotten, operations: operations.length, value, rememberedFrom };
}

/** How many operations do not lead from the value before them to their own. */
function brokenSteps(base: number, operations: readonly StateRow[], final: number): number {
  let before = base;
  let broken = 0;
  for (const [, , type, operand, after] of operations) {
    const { value = before } = calculate(type as OperationType, before, operand);
    if (value !== after) broken += 1;
    before = after;
  }
  return final === before ? broken : broken + 1;
}
