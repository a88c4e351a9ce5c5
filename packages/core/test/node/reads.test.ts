// Reads: what each consistency gives, and what a read refuses.
import test from 'ava';
import { AppendError, DisorientedError, defineDecoration, InvalidError, StoppedError } from '../../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const sum = (state: { readonly sum: number }): number => state.sum;

test('a stale read sees the state as of now, before it returns', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(3));
  const seen: number[] = [];
  void cluster.node('a').read((state, round) => seen.push(state.sum, round), { consistency: 'stale' });
  t.deepEqual(seen, [3, 1]);
  await cluster.stopAll();
});

test('H19 a linearizable read at any node sees everything that was acknowledged before it began', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(1));
  await cluster.level();
  for (const [count, id] of (['c', 'b', 'c', 'a'] as const).entries()) {
    const writer = id === 'a' ? 'b' : 'a';
    cluster.network.cut(id);
    await cluster.append(writer, add(1));
    cluster.network.heal();
    t.is(await cluster.node(id).read(sum, { consistency: 'stale' }), count + 1);
    t.is(await cluster.clock.run(cluster.node(id).read(sum, { consistency: 'linearizable' })), count + 2);
    await cluster.level();
  }
  await cluster.stopAll();
});

test('a linearizable read without a majority is given up with its signal, and gives nothing old', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(3));
  cluster.kill('b');
  cluster.kill('c');
  const controller = new AbortController();
  const { signal } = controller;
  const reading = cluster.node('a').read(sum, { consistency: 'linearizable', signal });
  controller.abort();
  t.like(await cluster.clock.failure(reading), { code: 'PAXAKOS_ABORTED' });
  const failure = await cluster.clock.failure(cluster.node('a').read(sum, { consistency: 'linearizable' }));
  t.true(failure instanceof AppendError, String(failure));
  await cluster.stopAll();
});

test('a read refuses what it does not know, and what needs a decoration', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  const refused = async (options: unknown, message: RegExp): Promise<void> => {
    await t.throwsAsync(a.read(sum, options as never), { instanceOf: InvalidError, message });
  };
  await refused({ consistency: 'fresh' }, /^consistency is "fresh": give 'stale' or 'linearizable'/);
  await refused(undefined, /^consistency is undefined: give/);
  await refused({ consistency: 'lease' }, /^consistency is "lease": install the decoration masterLeases/);
  await refused({ consistency: 'laxLease' }, /^consistency is "laxLease": install the decoration masterLeases/);
  await a.eject('a test');
  const failure = await cluster.clock.failure(a.read(sum, { consistency: 'stale' }));
  t.true(failure instanceof DisorientedError);
  await cluster.stopAll();
  await t.throwsAsync(a.read(sum, { consistency: 'linearizable' }), { instanceOf: StoppedError });
});

test('decorations wrap reads; the last one is the outermost, and each reads through those below', async (t) => {
  const notes: string[] = [];
  const wrapping = (name: string) =>
    defineDecoration()({
      name,
      install({ aroundRead, node }) {
        aroundRead((next) => async (fn, options) => {
          notes.push(name);
          return next(fn, { ...options, consistency: 'stale' });
        });
        return { read: () => node.read(() => name, { consistency: 'stale' }) };
      },
    });
  const cluster = await startedCluster(
    {},
    { build: (builder) => builder.with(wrapping('low')).with(wrapping('high')) as never },
  );
  const a = cluster.node('a') as ReturnType<typeof cluster.node> & { readonly high: { read(): Promise<string> } };
  await a.read(sum, { consistency: 'lease' });
  t.deepEqual(notes, ['high', 'low']);
  notes.length = 0;
  t.is(await a.high.read(), 'high');
  t.deepEqual(notes, ['low']);
  await cluster.stopAll();
});

test('a wrapper that throws rejects the read, and nothing else', async (t) => {
  const throwing = defineDecoration()({
    name: 'throwing',
    install({ aroundRead }) {
      aroundRead(() => () => {
        throw new Error('broken');
      });
      return {};
    },
  });
  const cluster = await startedCluster({}, { build: (builder) => builder.with(throwing) });
  const reading = cluster.node('a').read(sum, { consistency: 'stale' });
  await t.throwsAsync(reading, { message: 'broken' });
  await cluster.stopAll();
});

test('what wraps reads is said while a decoration is installed, not later', async (t) => {
  let late: (() => void) | undefined;
  const cluster = await startedCluster(
    {},
    {
      build: (builder) =>
        builder.with(
          defineDecoration()({
            name: 'late',
            install({ aroundRead }) {
              late = () => aroundRead((next) => next);
              return {};
            },
          }),
        ),
    },
  );
  t.throws(() => late?.(), { message: /^aroundRead\(\) is "called too late"/ });
  await cluster.stopAll();
});
