import type { AnyLogEntry } from '@paxakos/core/contracts';

/** An object as a single thread would see it: what each operation gives, and what it leaves behind. */
export interface SequentialModel {
  /** The object that an entry is about; operations on different ones do not touch. `undefined` where it is about none. */
  objectOf(entry: AnyLogEntry): string | undefined;
  readonly initial: number | string | boolean;
  step(
    state: number | string | boolean,
    entry: AnyLogEntry,
  ): { readonly state: number | string | boolean; readonly outcome: unknown };
}

interface Fields extends AnyLogEntry {
  readonly key: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly element: number;
}

/** Registers: write, read, compare and set. */
export const registerModel: SequentialModel = {
  objectOf: (entry) =>
    ['write', 'read', 'compareAndSet'].includes(entry.type) ? `register ${(entry as Fields).key}` : undefined,
  initial: 0,
  step(state, entry) {
    const { type, value, from, to } = entry as Fields;
    if (type === 'write') return { state: value, outcome: null };
    if (type === 'read') return { state, outcome: state };
    return state === from ? { state: to, outcome: true } : { state, outcome: false };
  },
};

/** A counter: add, which gives the sum. */
export const counterModel: SequentialModel = {
  objectOf: (entry) => (entry.type === 'add' ? 'counter' : undefined),
  initial: 0,
  step(state, entry) {
    const sum = (state as number) + (entry as Fields).amount;
    return { state: sum, outcome: sum };
  },
};

/** A set, each element an object of its own: include, exclude, has. */
export const setModel: SequentialModel = {
  objectOf: (entry) =>
    ['include', 'exclude', 'has'].includes(entry.type) ? `element ${(entry as Fields).element}` : undefined,
  initial: false,
  step(state, { type }) {
    if (type === 'include') return { state: true, outcome: !state };
    if (type === 'exclude') return { state: false, outcome: state };
    return { state, outcome: state };
  },
};

/** All models. */
export const sequentialModels: readonly SequentialModel[] = [registerModel, counterModel, setModel];
