// The types of decorations: their APIs on the node, and misuse that must not compile, in words that say what to do.
import {
  type AnyLogEntry,
  createNode,
  type Decoration,
  defineDecoration,
  type Later,
  type LogEntry,
  later,
  type Need,
  type Needs,
  optional,
  required,
} from '../../src/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { ledgers, type Op } from '../node/test-state.ts';
import { holds, type Same } from './same.ts';

interface Leadership {
  readonly leader: string | undefined;
}

const trackLeadership = () =>
  defineDecoration()({
    name: 'leadership',
    install: (): Leadership => ({ leader: 'a' }),
    inert: { leader: undefined },
  });

const delegation = () =>
  defineDecoration()({
    name: 'delegation',
    needs: { leadership: required<Leadership>() },
    install({ uses }) {
      holds<Same<typeof uses.leadership, Leadership>>();
      return { ask: async (question: string): Promise<number> => question.length };
    },
  });

const heartbeats = <const E extends AnyLogEntry>(entry: () => E) =>
  defineDecoration<E>()({
    name: 'heartbeats',
    stability: 'experimental',
    needs: { leadership: optional<Leadership>(), delegation: later() },
    inert: { pause() {}, entry },
    install({ uses }) {
      holds<Same<typeof uses.leadership, Leadership | undefined>>();
      return { pause() {}, entry };
    },
  });

const builder = createNode({ id: 'a', state: ledgers(['a']), transport: memoryNetwork().transport('a') });
const beat = (): LogEntry<'add', { value: number }, number> => ({ id: '1', type: 'add', value: 0 });

/** Each decoration has its API under its name, with its types. */
export async function chain(): Promise<void> {
  const node = await builder.with(trackLeadership()).with(heartbeats(beat)).with(delegation()).start();
  holds<Same<typeof node.leadership, Leadership>>();
  holds<Same<ReturnType<typeof node.delegation.ask>, Promise<number>>>();
  holds<Same<ReturnType<typeof node.heartbeats.entry>, LogEntry<'add', { value: number }, number>>>();
  const commit = await node.append({ id: '2', type: 'add', value: 1 });
  const outcome = await commit.applied();
  holds<Same<typeof outcome, number>>();
  // @ts-expect-error: there is no such call
  node.heartbeats.stop();
  // @ts-expect-error: it takes a string
  await node.delegation.ask(5);
  // @ts-expect-error: it was not installed
  node.autofill.pause();
}

/** What must not be chained. */
export function misuse(): void {
  // @ts-expect-error: install these decorations first: leadership
  builder.with(delegation());
  // @ts-expect-error: this decoration is installed already: leadership
  builder.with(trackLeadership()).with(trackLeadership());
  // @ts-expect-error: install these decorations first: leadership
  builder.with(delegation()).with(trackLeadership());
  // @ts-expect-error: install these decorations after this one: delegation
  builder.with(trackLeadership()).with(delegation()).with(heartbeats(beat));
  // @ts-expect-error: this decoration appends entries that the state does not have
  builder.with(heartbeats((): LogEntry<'beat'> => ({ id: '1', type: 'beat' })));
  // @ts-expect-error: this decoration appends entries that the state does not have
  builder.with(heartbeats((): LogEntry<'add', { value: string }> => ({ id: '1', type: 'add', value: '' })));
  // @ts-expect-error: a node has this of its own: append
  builder.with(defineDecoration()({ name: 'append', install: () => ({}) }));
  // @ts-expect-error: this decoration needs another API of: leadership
  builder.with(defineDecoration()({ name: 'leadership', install: () => ({ leader: 5 }) })).with(delegation());
  // @ts-expect-error: a decoration is not a function
  builder.with(trackLeadership);
  // @ts-expect-error: a decoration has a name
  defineDecoration()({ install: () => ({}) });
  // @ts-expect-error: an API is an object
  defineDecoration()({ name: 'five', install: () => 5 });
  // @ts-expect-error: `leader` is a string
  defineDecoration()({ name: 'x', install: (): Leadership => ({ leader: 'a' }), inert: { leader: 5 } });
  // @ts-expect-error: `pause` gives nothing that could reject, so it must be said what it does where the flag is off
  defineDecoration()({ name: 'x', install: () => ({ ask: async () => 5, pause() {} }) });
  defineDecoration()({ name: 'x', install: () => ({ ask: async () => 5 }) });
  // @ts-expect-error: it was not said that it is needed
  defineDecoration()({ name: 'x', install: ({ uses }) => ({ value: uses.leadership }) });
}

/** One of which the name is not known at compile time can be added, and is not seen. */
export async function unnamed(decorations: readonly Decoration<string, object, Needs, never>[]): Promise<void> {
  let chained = builder;
  for (const decoration of decorations) chained = chained.with(decoration);
  const node = await chained.with(trackLeadership()).start();
  holds<Same<typeof node.leadership, Leadership>>();
  // @ts-expect-error: it is not seen
  void node.anything;
}

// The words that the compiler shows.
type Problem<D> = D extends { readonly problem: infer Text } ? Text : 'none';
type Parameter<Name extends string, N extends Record<string, Need<unknown>>, E extends AnyLogEntry> = Parameters<
  typeof builder.with<Name, object, N, E>
>[0];
const led = builder.with(trackLeadership());

holds<
  Same<
    Problem<Parameter<'delegation', { leadership: Need<Leadership, false> }, never>>,
    'install these decorations first: leadership'
  >
>();
holds<Same<Problem<Parameter<'delegation', { leadership: Need<Leadership, true> }, never>>, 'none'>>();
holds<Same<Problem<Parameter<'heartbeats', { leadership: Later }, never>>, 'none'>>();
holds<
  Same<
    Problem<Parameters<typeof led.with<'heartbeats', object, { leadership: Later }, never>>[0]>,
    'install these decorations after this one: leadership'
  >
>();
holds<Same<Problem<Parameter<'x', object & Record<never, Need<unknown>>, Op>>, 'none'>>();
holds<
  Same<
    Problem<Parameter<'x', Record<never, Need<unknown>>, LogEntry<'beat'>>>,
    'this decoration appends entries that the state does not have'
  >
>();
holds<
  Same<
    Problem<Parameters<typeof led.with<'leadership', object, Record<never, Need<unknown>>, never>>[0]>,
    'this decoration is installed already: leadership'
  >
>();
holds<
  Same<
    Problem<Parameters<typeof led.with<'x', object, { leadership: Need<{ readonly term: number }, true> }, never>>[0]>,
    'this decoration needs another API of: leadership'
  >
>();
holds<Same<Problem<Parameter<'stop', Record<never, Need<unknown>>, never>>, 'a node has this of its own: stop'>>();
