// One handler for each type of entry.
import test from 'ava';
import type { ApplyContext, LogEntry, State } from '../../src/contracts/index.ts';
import { applyWith } from '../../src/node/apply-with.ts';

type Operation = LogEntry<'add', { value: number }, number> | LogEntry<'reset'>;

class Calculator implements State<Operation> {
  #value = 0;
  readonly apply = applyWith<Operation>({
    add: ({ value }, context) => {
      this.#value += value;
      context.change(this.#value);
      return this.#value;
    },
    reset: () => {
      this.#value = 0;
    },
  });
  cluster() {
    return [{ id: 'a' }];
  }
  freeze() {
    return this.#value;
  }
}

test('an entry goes to the handler of its type, with its context, and the outcome comes back', (t) => {
  const changes: unknown[] = [];
  const context: ApplyContext = { round: 1, change: (change) => changes.push(change) };
  const state = new Calculator();
  t.is(state.apply({ id: '1', type: 'add', value: 3 }, context), 3);
  t.is(state.apply({ id: '2', type: 'add', value: 4 }, context), 7);
  t.is(state.apply({ id: '3', type: 'reset' }, context), undefined);
  t.deepEqual(changes, [3, 7]);
  t.is(state.freeze(), 0);
});

test('an entry of an unknown type throws, naming it and those that are known; what objects inherit is no handler', (t) => {
  const state = new Calculator();
  for (const type of ['multiply', 'constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    t.throws(() => state.apply({ id: '1', type } as never, { round: 1, change: () => {} }), {
      code: 'PAXAKOS_INVALID',
      message: `entry.type is ${JSON.stringify(type)}: there is no handler for it; there are handlers for: add, reset`,
    });
  }
});

test('the compiler wants a handler for each type, with its outcome', (t) => {
  // @ts-expect-error: no handler for `reset`
  applyWith<Operation>({ add: () => 1 });
  // @ts-expect-error: the outcome of `add` is a number
  applyWith<Operation>({ add: () => 'text', reset: () => {} });
  t.pass();
});
