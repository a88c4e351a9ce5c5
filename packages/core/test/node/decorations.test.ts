// The mechanism of decorations: order, needs, flags, names, and how an append goes through them.
import test from 'ava';
import {
  type AppendFunction,
  DecorationError,
  type DecorationHost,
  defineDecoration,
  isPaxakosError,
  later,
  optional,
  required,
} from '../../src/index.ts';
import { createNode, startedCluster, TestCluster } from './test-cluster.ts';
import { add, type Op } from './test-state.ts';

const noted = (name: string, notes: string[]) =>
  defineDecoration()({
    name,
    install({ aroundAppend }) {
      notes.push(`install ${name}`);
      aroundAppend((next) => async (entry, options) => {
        notes.push(`${name} before`);
        const commit = await next(entry, options);
        notes.push(`${name} after`);
        return commit;
      });
      return {};
    },
  });

const single = (): TestCluster => new TestCluster({ ids: ['a'] });
const active = (cluster: TestCluster): Promise<void> =>
  cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));

test('decorations are installed in the order of with(); the last one is the outermost around an append', async (t) => {
  const cluster = single();
  const notes: string[] = [];
  const build = (builder: ReturnType<typeof createNode<never>>) =>
    builder.with(noted('low', notes)).with(noted('mid', notes)).with(noted('top', notes));
  await cluster.start('a', { build: build as never });
  await active(cluster);
  t.is(await cluster.append('a', add()), 1);
  t.deepEqual(notes, [
    'install low',
    'install mid',
    'install top',
    'top before',
    'mid before',
    'low before',
    'low after',
    'mid after',
    'top after',
  ]);
  await cluster.stopAll();
});

test('a decoration has its API under its name, and another one uses it', async (t) => {
  const counter = defineDecoration()({
    name: 'counter',
    inert: { next: () => 0 },
    install() {
      let count = 0;
      return {
        next: () => {
          count += 1;
          return count;
        },
      };
    },
  });
  const user = defineDecoration()({
    name: 'user',
    needs: { counter: required<{ next(): number }>(), other: optional<{ value: number }>() },
    inert: { hasOther: false, twice: () => [] },
    install: async ({ uses }) => ({
      hasOther: uses.other !== undefined,
      twice: () => [uses.counter.next(), uses.counter.next()],
    }),
  });
  const cluster = single();
  const node = await createNode(cluster.optionsOf('a')).with(counter).with(user).start();
  t.deepEqual(node.user.twice(), [1, 2]);
  t.is(node.counter.next(), 3);
  t.false(node.user.hasOther);
  await cluster.clock.run(node.stop());
});

test('what a decoration appends goes through the layers below it, not through itself or those above', async (t) => {
  const cluster = single();
  const notes: string[] = [];
  const appender = defineDecoration<Op>()({
    name: 'appender',
    install({ node, aroundAppend, appendNoop }) {
      aroundAppend((next) => (entry, options) => {
        notes.push('appender');
        return next(entry, options);
      });
      return { append: () => node.append(add()), noop: () => appendNoop() };
    },
  });
  const build = (builder: ReturnType<typeof createNode<never>>) =>
    builder
      .with(noted('low', notes))
      .with(appender as never)
      .with(noted('top', notes));
  const node = (await cluster.start('a', { build: build as never })) as never as {
    appender: Record<'append' | 'noop', () => Promise<{ round: number }>>;
  };
  await active(cluster);
  notes.length = 0;
  t.is((await cluster.clock.run(node.appender.append())).round, 1);
  t.deepEqual(notes, ['low before', 'low after']);
  t.is((await cluster.clock.run(node.appender.noop())).round, 2);
  t.deepEqual(cluster.ledger('a').log.length, 1);
  await cluster.stopAll();
});

test('a layer may answer in place of those below, and change the options', async (t) => {
  const cluster = single();
  const canned = defineDecoration()({
    name: 'canned',
    install({ aroundAppend }) {
      const answer: (next: AppendFunction) => AppendFunction = (next) => async (entry, options) => {
        if (entry.id === 'canned') return { round: 99, applied: async () => 'canned' };
        return next(entry, { ...options, round: { from: 5 } });
      };
      aroundAppend(answer);
      return {};
    },
  });
  await cluster.start('a', { build: (builder) => builder.with(canned) });
  await active(cluster);
  t.is(await cluster.append('a', add(1, 'canned')), 'canned');
  t.is((await cluster.clock.run(cluster.node('a').append(add()))).round, 5);
  await cluster.stopAll();
});

test('what a layer throws fails the append with PAXAKOS_DECORATION and an unknown effect; errors of appends pass', async (t) => {
  const cluster = await startedCluster();
  const cause = new Error('layer broke');
  const layers = [
    () => {
      throw cause;
    },
    () => Promise.reject(cause),
    () => Promise.reject(new DecorationError('PAXAKOS_DECORATION_DISABLED', 'off')),
  ];
  for (const layer of layers) {
    const breaking = defineDecoration()({
      name: 'breaking',
      install({ aroundAppend }) {
        aroundAppend((next) => (entry, options) => (entry.id === 'pass' ? next(entry, options) : (layer() as never)));
        return {};
      },
    });
    await cluster.stop('a');
    const starting = { as: 'recover' } as const;
    const a = await cluster.start('a', { starting, build: (builder) => builder.with(breaking) });
    await active(cluster);
    const error = await cluster.clock.failure(a.append(add()));
    t.like(error, { code: 'PAXAKOS_DECORATION', effect: 'unknown', name: 'DecorationAppendError' });
    t.true(error instanceof Error && error.cause instanceof Error);
    const { cause, message } = error as Error & { readonly cause: Error };
    t.is(message, `a decoration failed the append: ${cause.message}`);
    t.like(await cluster.clock.failure(a.append(add(1, 'pass'), { signal: AbortSignal.abort() })), {
      code: 'PAXAKOS_ABORTED',
    });
    t.like(await cluster.clock.failure(a.append(add(1, 'pass'), { round: { from: 0 } })), { code: 'PAXAKOS_INVALID' });
  }
  await cluster.stopAll();
});

const plain = (name: string, needs = {}) => defineDecoration()({ name, needs, install: () => ({}) });

test('a decoration twice, a need that is missing or comes later, one that comes too early, and a name of the node own are refused before anything opens', async (t) => {
  const cluster = single();
  const start = (...decorations: readonly object[]): Promise<unknown> => {
    let builder = createNode(cluster.optionsOf('a'));
    for (const decoration of decorations) builder = builder.with(decoration as never);
    return builder.start();
  };
  const base = plain('base');
  const user = plain('user', { base: required<object>(), other: required<object>() });
  const twice = await t.throwsAsync(start(base, base), { instanceOf: DecorationError });
  t.like(twice, {
    code: 'PAXAKOS_DECORATION_TWICE',
    message: 'decoration "base" is there twice: remove one .with()',
  });
  for (const order of [[user], [user, base]]) {
    const missing = await t.throwsAsync(start(...order));
    t.like(missing, { code: 'PAXAKOS_DECORATION_MISSING' });
    t.regex(String(missing), /"user" needs "base", "other": put \.with\(\) of it before/);
  }
  const under = plain('under', { base: later() });
  const order = await t.throwsAsync(start(base, under), { instanceOf: DecorationError });
  t.like(order, {
    code: 'PAXAKOS_DECORATION_ORDER',
    message: 'decoration "under" stands above "base", and belongs below: put .with() of it before that',
  });
  for (const name of ['append', 'status', 'stop', 'then', 'constructor'])
    t.like(await t.throwsAsync(start(plain(name))), { code: 'PAXAKOS_DECORATION_TWICE' }, name);
  const old = { ...base, contract: 0 };
  t.regex(String(await t.throwsAsync(start(old))), /of contract 0, and this core of 1/);
  for (const wrong of [undefined, {}, { name: '' }, () => {}])
    t.like(await t.throwsAsync(start(wrong as never)), { code: 'PAXAKOS_INVALID' });
});

test('options that are none are refused before any layer looks into them', async (t) => {
  const cluster = single();
  const looking = defineDecoration()({
    name: 'looking',
    install({ aroundAppend }) {
      aroundAppend((next) => (entry, options) => next(entry, { leadership: options.leadership ?? 'acquire' }));
      return {};
    },
  });
  const node = await cluster.start('a', { build: (builder) => builder.with(looking) });
  for (const options of [null, 7, { rety: 1 }, { leadership: 'much' }, { retry: 5 }, { signal: {} }])
    t.like(await cluster.clock.failure(node.append(add(), options as never)), { code: 'PAXAKOS_INVALID' });
  await cluster.stopAll();
});

test('with() does not change the builder that it is called on', async (t) => {
  const cluster = single();
  const base = createNode(cluster.optionsOf('a'));
  base.with(plain('one'));
  const node = await base.with(plain('two')).start();
  t.deepEqual(['one' in node, 'two' in node], [false, true]);
  await cluster.clock.run(node.stop());
});

const clocked = (ticks: string[], given: { stability?: 'experimental' } = {}) =>
  defineDecoration()({
    name: 'clocked',
    ...given,
    inert: { leader: undefined, resume: () => {} },
    install({ poll }) {
      poll(() => {
        ticks.push('tick');
        return 100;
      });
      return { leader: 'a' as string | undefined, pause: async () => 'paused', resume() {} };
    },
  });

test('a flag installs a decoration inert: its calls reject, its plain values are there, and it does nothing', async (t) => {
  const ticks: string[] = [];
  const cluster = single();
  const node = await createNode({ ...cluster.optionsOf('a'), flags: { clocked: false } })
    .with(clocked(ticks))
    .start();
  await cluster.clock.pass(1_000);
  t.deepEqual(ticks, []);
  t.is(node.clocked.leader, undefined);
  const error = await t.throwsAsync(node.clocked.pause());
  t.true(isPaxakosError(error, 'PAXAKOS_DECORATION_DISABLED'));
  t.regex(String(error), /"clocked" is switched off: set flags: \{ "clocked": true \}/);
  t.is(node.clocked.resume(), undefined);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(await (node.clocked as never as PromiseLike<unknown>), node.clocked as never);
  await cluster.clock.run(node.stop());
});

test('a call that gives nothing to wait for, and was forgotten where the compiler does not look, rejects and harms nobody', async (t) => {
  const cluster = single();
  const forgetful = defineDecoration()({ name: 'forgetful', install: () => ({ resume() {} }) } as never);
  const node = await createNode({ ...cluster.optionsOf('a'), flags: { forgetful: false } })
    .with(forgetful)
    .start();
  const { forgetful: api } = node as unknown as { forgetful: { resume(): unknown } };
  void api.resume();
  await new Promise((resolve) => setImmediate(resolve));
  await t.throwsAsync(async () => api.resume(), { code: 'PAXAKOS_DECORATION_DISABLED' });
  await cluster.clock.run(node.stop());
});

test('an experimental decoration is off until its flag says on; a stable one is on', async (t) => {
  for (const [given, flags, expected] of [
    [{ stability: 'experimental' }, {}, 0],
    [{ stability: 'experimental' }, { clocked: true }, 11],
    [{}, {}, 11],
    [{}, { other: false }, 11],
  ] as const) {
    const ticks: string[] = [];
    const cluster = single();
    const node = await createNode({ ...cluster.optionsOf('a'), flags })
      .with(clocked(ticks, given))
      .start();
    await cluster.clock.pass(1_000);
    t.is(ticks.length, expected);
    await cluster.clock.run(node.stop());
  }
});

test('names that every object has are no flags', async (t) => {
  const cluster = single();
  const odd = defineDecoration()({
    name: 'toString',
    stability: 'experimental',
    install: () => ({ on: true }),
    inert: { on: false },
  });
  const node = await createNode({ ...cluster.optionsOf('a'), flags: {} })
    .with(odd as never)
    .start();
  t.false((node as never as { toString: { on: boolean } }).toString.on);
  await cluster.clock.run(node.stop());
});

test('what is off is not there for one that only may use it, and inert for one that needs it', async (t) => {
  const base = defineDecoration()({ name: 'base', inert: { value: 0 }, install: () => ({ value: 1 }) });
  const user = (name: string, need: typeof required<{ value: number }>) =>
    defineDecoration()({
      name,
      needs: { base: need() },
      inert: { value: undefined },
      install: ({ uses }) => ({ value: uses.base?.value as number | undefined }),
    });
  for (const [flags, expected] of [
    [{}, [1, 1]],
    [{ base: false }, [undefined, 0]],
  ] as const) {
    const cluster = single();
    const node = await createNode({ ...cluster.optionsOf('a'), flags })
      .with(base)
      .with(user('may', optional as never))
      .with(user('must', required))
      .start();
    const { may, must } = node as never as Record<'may' | 'must', { value: unknown }>;
    t.deepEqual([may.value, must.value], expected as never);
    await cluster.clock.run(node.stop());
  }
});

test('a decoration that cannot be installed fails the start; what came before it ends, and nothing stays open', async (t) => {
  const cluster = new TestCluster({ ids: ['a'], disks: true });
  const ticks: string[] = [];
  let host: DecorationHost | undefined;
  const before = defineDecoration()({
    name: 'before',
    install(given) {
      host = given;
      given.clock.after(50, () => ticks.push('own timer'));
      given.poll(() => {
        ticks.push('tick');
        return 10;
      });
      return {};
    },
  });
  const cause = new Error('install broke');
  const failing = defineDecoration()({
    name: 'failing',
    install: async () => {
      throw cause;
    },
  });
  const error = await t.throwsAsync(cluster.start('a', { build: (builder) => builder.with(before).with(failing) }));
  t.like(error, { code: 'PAXAKOS_DECORATION_FAILED', cause });
  t.regex(String(error), /"failing" could not be installed/);
  await cluster.clock.pass(40);
  t.deepEqual(ticks, []);
  t.true(host?.signal.aborted);
  await cluster.start('a');
  await active(cluster);
  t.is(await cluster.append('a', add()), 1);
  await cluster.stopAll();
});

test('as many decorations as one likes listen for the end, without a warning of too many listeners', async (t) => {
  const warnings: string[] = [];
  const note = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', note);
  t.teardown(() => process.off('warning', note));
  const cluster = single();
  const ended: number[] = [];
  const listening = (index: number) =>
    defineDecoration()({
      name: `listening${index}`,
      install({ poll, signal }) {
        poll(() => 1_000);
        for (let count = 0; count < 5; count += 1) signal.addEventListener('abort', () => ended.push(index));
        return {};
      },
    });
  const build = (builder: ReturnType<typeof createNode<never>>) =>
    Array.from({ length: 20 }, (_, index) => index).reduce(
      (below, index) => below.with(listening(index)) as never,
      builder,
    );
  await cluster.start('a', { build: build as never });
  await active(cluster);
  await cluster.stopAll();
  t.is(ended.length, 100);
  t.deepEqual(warnings, []);
  t.is(cluster.pending('a'), 0);
});
