import type { LogEntry, State, StateFactory } from '@paxakos/core';
import { applyWith } from '@paxakos/core';
import type { NodeInfo } from '@paxakos/core/contracts';

/** What the testbed applies: registers, a counter, a set, and changes of the cluster. */
export type TestbedEntry =
  | LogEntry<'write', { key: string; value: number; filling?: string }, null>
  | LogEntry<'read', { key: string }, number>
  | LogEntry<'compareAndSet', { key: string; from: number; to: number }, boolean>
  | LogEntry<'add', { amount: number }, number>
  | LogEntry<'include', { element: number }, boolean>
  | LogEntry<'exclude', { element: number }, boolean>
  | LogEntry<'has', { element: number }, boolean>
  | LogEntry<'admit', { node: string }, null>
  | LogEntry<'dismiss', { node: string }, null>
  | LogEntry<'window', { concurrency: number }, null>;

/** What the testbed freezes to. */
export interface FrozenTestbed {
  readonly members: readonly string[];
  readonly window: number;
  readonly counter: number;
  readonly registers: readonly (readonly [string, number])[];
  readonly elements: readonly number[];
}

/** The state that campaigns run: small, and with every kind of operation that the linearizability checker knows. */
export class TestbedState implements State<TestbedEntry, FrozenTestbed> {
  #members: readonly string[];
  #window: number;
  #counter: number;
  readonly #registers: Map<string, number>;
  readonly #elements: Set<number>;

  constructor({ members, window, counter, registers, elements }: FrozenTestbed) {
    this.#members = members;
    this.#window = window;
    this.#counter = counter;
    this.#registers = new Map(registers);
    this.#elements = new Set(elements);
  }

  readonly apply: State<TestbedEntry>['apply'] = applyWith<TestbedEntry>({
    write: ({ key, value }) => {
      this.#registers.set(key, value);
      return null;
    },
    read: ({ key }) => this.register(key),
    compareAndSet: ({ key, from, to }) => {
      if (this.register(key) !== from) return false;
      this.#registers.set(key, to);
      return true;
    },
    add: ({ amount }) => {
      this.#counter += amount;
      return this.#counter;
    },
    include: ({ element }) => {
      const isNew = !this.#elements.has(element);
      this.#elements.add(element);
      return isNew;
    },
    exclude: ({ element }) => this.#elements.delete(element),
    has: ({ element }) => this.#elements.has(element),
    admit: ({ node }) => {
      if (!this.#members.includes(node)) this.#members = [...this.#members, node];
      return null;
    },
    dismiss: ({ node }) => {
      if (this.#members.length > 1) this.#members = this.#members.filter((member) => member !== node);
      return null;
    },
    window: ({ concurrency }) => {
      this.#window = concurrency;
      return null;
    },
  });

  /** What the register holds; 0 before the first write. */
  register(key: string): number {
    return this.#registers.get(key) ?? 0;
  }

  cluster(): readonly NodeInfo[] {
    return this.#members.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.#window;
  }

  freeze(): FrozenTestbed {
    const sorted = [...this.#registers].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      members: this.#members,
      window: this.#window,
      counter: this.#counter,
      registers: sorted,
      elements: [...this.#elements].sort((a, b) => a - b),
    };
  }
}

/** Makes testbeds for a cluster of these founders. */
export function testbedFactory(members: readonly string[], window: number): StateFactory<TestbedState, FrozenTestbed> {
  return {
    create: () => new TestbedState({ members, window, counter: 0, registers: [], elements: [] }),
    thaw: (frozen) => new TestbedState(frozen),
  };
}
