// The types of entries, outcomes, states and snapshots: what must compile, and what must not. Nothing here is run; a line
// below `@ts-expect-error` that compiles is an error itself.
import {
  type AppendOptions,
  applyWith,
  type Commit,
  createNode,
  type EntryOf,
  type LogEntry,
  type NodeInfo,
  type OutcomeOf,
  type PaxakosEvent,
  type PaxakosNode,
  type State,
} from '../../src/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { holds, type Same } from './same.ts';

type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'name', { name: string; tags?: readonly string[] }, string>
  | LogEntry<'noop'>;

interface Frozen {
  readonly sum: number;
}

class Calc implements State<Op, Frozen> {
  sum: number;
  constructor(sum = 0) {
    this.sum = sum;
  }
  readonly apply = applyWith<Op>({
    add: ({ value }) => value + this.sum,
    name: ({ name }) => name,
    noop: () => {},
  });
  cluster(): readonly NodeInfo[] {
    return [{ id: 'a' }];
  }
  freeze(): Frozen {
    return { sum: this.sum };
  }
}

const transport = memoryNetwork().transport('a');
const state = { create: () => new Calc(), thaw: (frozen: Frozen) => new Calc(frozen.sum) };
const builder = createNode({ id: 'a', state, transport });

holds<Same<EntryOf<Calc>, Op>>();
holds<Same<OutcomeOf<LogEntry<'add', { value: number }, number>>, number>>();
holds<Same<OutcomeOf<LogEntry<'noop'>>, void>>();

/** Outcomes are typed by the entry. */
export async function outcomes(node: PaxakosNode<Op, Calc>, either: Op): Promise<void> {
  const added = await node.append({ id: '1', type: 'add', value: 3 });
  holds<Same<typeof added, Commit<number>>>();
  const outcome = await added.applied();
  holds<Same<typeof outcome, number>>();
  const named = await node.append({ id: '2', type: 'name', name: 'x' });
  holds<Same<typeof named, Commit<string>>>();
  const nothing = await node.append({ id: '3', type: 'noop' });
  holds<Same<typeof nothing, Commit<void>>>();
  const unknown = await node.append(either);
  holds<Same<Awaited<ReturnType<typeof unknown.applied>>, OutcomeOf<Op>>>();
  // @ts-expect-error: the outcome is a number
  const wrong: string = await added.applied();
  // @ts-expect-error: a commit is not its outcome
  const early: number = added;
  void [wrong, early];
}

/** Entries are those of the state. */
export async function entries(node: PaxakosNode<Op, Calc>): Promise<void> {
  // @ts-expect-error: the payload is of another type
  await node.append({ id: '1', type: 'add', value: '3' });
  // @ts-expect-error: the payload is missing
  await node.append({ id: '1', type: 'add' });
  // @ts-expect-error: there is no such entry
  await node.append({ id: '1', type: 'divide', value: 3 });
  // @ts-expect-error: an entry has an id
  await node.append({ type: 'noop' });
  // @ts-expect-error: an id is a string
  await node.append({ id: 1, type: 'noop' });
  // @ts-expect-error: an entry is an object
  await node.append('noop');
}

/** Options of append. */
export async function options(node: PaxakosNode<Op, Calc>): Promise<void> {
  const fine: AppendOptions = { round: { from: 1 }, leadership: 'check', retry: () => undefined };
  await node.append({ id: '1', type: 'noop' }, fine);
  // @ts-expect-error: there is no such leadership
  await node.append({ id: '1', type: 'noop' }, { leadership: 'high' });
  // @ts-expect-error: a policy is synchronous
  await node.append({ id: '1', type: 'noop' }, { retry: async () => 5 });
  // @ts-expect-error: there is no such option
  await node.append({ id: '1', type: 'noop' }, { timeoutMs: 5 });
  // @ts-expect-error: rounds are numbers
  await node.append({ id: '1', type: 'noop' }, { round: { from: '1' } });
}

/** Handlers of entries are complete, and give their entries' outcomes. */
export function handlers(): void {
  // @ts-expect-error: `noop` is missing
  applyWith<Op>({ add: ({ value }) => value, name: ({ name }) => name });
  // @ts-expect-error: the outcome of `add` is a number
  applyWith<Op>({ add: ({ value }) => `${value}`, name: ({ name }) => name, noop: () => {} });
  // @ts-expect-error: the outcome of `add` is missing
  applyWith<Op>({ add: () => {}, name: ({ name }) => name, noop: () => {} });
  // @ts-expect-error: an outcome does not come later
  applyWith<Op>({ add: async ({ value }) => value, name: ({ name }) => name, noop: () => {} });
  // @ts-expect-error: `name` has no value
  applyWith<Op>({ add: ({ value }) => value, name: ({ value }) => value, noop: () => {} });
  // @ts-expect-error: there is no `divide`
  applyWith<Op>({ add: ({ value }) => value, name: ({ name }) => name, noop: () => {}, divide: () => 0 });
  // @ts-expect-error: a change is a string here
  applyWith<LogEntry<'noop'>, string>({ noop: (_, { change }) => change(5) });
}

/** A state without `cluster` or `freeze` is none. */
export function states(): void {
  // @ts-expect-error: `freeze` is missing
  class Unfrozen implements State<Op> {
    readonly apply = applyWith<Op>({ add: () => 0, name: () => '', noop: () => {} });
    cluster = () => [{ id: 'a' }];
  }
  void Unfrozen;
  const total = { create: () => new Calc(), thaw: (frozen: { total: number }) => new Calc(frozen.total) };
  // @ts-expect-error: thaw takes something else than freeze gives
  createNode({ id: 'a', transport, state: total });
  const text = { create: () => new Calc(), thaw: (frozen: string) => new Calc(frozen.length) };
  // @ts-expect-error: thaw takes something else than freeze gives
  createNode({ id: 'a', transport, state: text });
  const other = { create: () => new Calc(), thaw: (frozen: Frozen) => frozen };
  // @ts-expect-error: thaw makes something else than create
  createNode<Calc>({ id: 'a', transport, state: other });
  // @ts-expect-error: thaw is missing
  createNode({ id: 'a', transport, state: { create: () => new Calc() } });
}

/** A running node. */
export async function running(): Promise<void> {
  const node = await builder.start();
  const sum = await node.read((calc, round) => calc.sum + round, { consistency: 'stale' });
  holds<Same<typeof sum, number>>();
  // @ts-expect-error: there is no such consistency
  await node.read((calc) => calc.sum, { consistency: 'newest' });
  // @ts-expect-error: how fresh it must be is to be said
  await node.read((calc) => calc.sum);
  // @ts-expect-error: the state has no `total`
  await node.read((calc) => calc.total, { consistency: 'stale' });
  for await (const event of node.events()) {
    holds<Same<typeof event, PaxakosEvent<Op>>>();
    if (event.type === 'apply') holds<Same<typeof event.entry, Op | undefined>>();
    // @ts-expect-error: there is no such event
    if (event.type === 'applied') break;
  }
  node.on('commit', ({ round, number }) => void [round, number.node]);
  // @ts-expect-error: a commit has no outcome yet
  node.on('commit', ({ outcome }) => outcome);
  // @ts-expect-error: there is no such event
  node.on('applied', () => {});
  // @ts-expect-error: a status is not set
  node.status = 'leading';
}
