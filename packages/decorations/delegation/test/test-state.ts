import { applyWith, type LogEntry, type NodeInfo, type OutcomeOf, type State, type StateFactory } from '@paxakos/core';
import { freshId } from '@paxakos/testing';

export type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'answerMs', { value: number }>
  | LogEntry<'bytes', { bytes: Uint8Array }, number>;

interface Frozen {
  readonly ids: readonly string[];
  readonly log: readonly string[];
  readonly sum: number;
  readonly answerMs: number;
}

/** A sum, the members, a time, and the ids of all entries in their order. */
export class Ledger implements State<Op, Frozen> {
  ids: readonly string[];
  log: string[] = [];
  sum = 0;
  answerMs = 2_000;

  constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  readonly #apply = applyWith<Op, undefined>({
    add: ({ value }) => {
      this.sum += value;
      return this.sum;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    answerMs: ({ value }) => {
      this.answerMs = value;
    },
    bytes: ({ bytes }) => bytes.length,
  });

  apply(entry: Op, context: never): OutcomeOf<Op> {
    const outcome = this.#apply(entry, context);
    this.log.push(entry.id);
    return outcome;
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  freeze(): Frozen {
    return { ids: this.ids, log: [...this.log], sum: this.sum, answerMs: this.answerMs };
  }
}

/** Makes ledgers. */
export function ledgers(ids: readonly string[]): StateFactory<Ledger, Frozen> {
  return {
    create: () => new Ledger(ids),
    thaw({ ids: members, log, sum, answerMs }) {
      return Object.assign(new Ledger(members), { log: [...log], sum, answerMs });
    },
  };
}

export function add(value = 1, id: string = freshId()): Extract<Op, { type: 'add' }> {
  return { id, type: 'add', value };
}
