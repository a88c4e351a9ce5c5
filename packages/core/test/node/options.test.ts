// Building a node: what options it takes, and what it says of those that it does not.
import test from 'ava';
import { InvalidError, isPaxakosError, type NodeOptions, type Transport } from '../../src/index.ts';
import { memoryNetwork, volatileStorage } from '../../src/memory/index.ts';
import { createNode, TestCluster } from './test-cluster.ts';
import { TestDisk } from './test-disk.ts';
import { type Ledger, ledgers } from './test-state.ts';

const fitting = (): NodeOptions<Ledger> => ({
  id: 'a',
  state: ledgers(['a']),
  transport: memoryNetwork().transport('a'),
});

const misfits: readonly (readonly [name: string, value: unknown, said: RegExp])[] = [
  ['id', '', /^id is "": give a string of 1 to 85 characters$/],
  ['id', 7, /^id is 7: give a string/],
  ['id', 'x'.repeat(86), /^id is "x{80}…": give a string/],
  ['id', '\ud800', /^id is .*: give a string/],
  ['id', undefined, /^id is undefined: give a string/],
  ['state', undefined, /^state is undefined: give how to make the initial state.*create, thaw/],
  ['state', () => ({}), /^state is /],
  ['state', { create() {} }, /^state is an object: .*create, thaw/],
  ['cluster', '', /^cluster is "": give a string of 1 to 255 bytes/],
  ['cluster', 'ü'.repeat(128), /^cluster is /],
  ['transport', undefined, /^transport is undefined: give a transport, or a communicator, and not both$/],
  ['transport', {}, /^transport is an object: give a transport: an object with open, send, close$/],
  ['communicator', {}, /^communicator is an object: .*open, send, onTrouble, close$/],
  ['storage', { append() {} }, /^storage is an object: .*open, append, saveSnapshot, read, close$/],
  ['voter', 'yea', /^voter is "yea": .*contemplateCandidate/],
  ['clock', Date.now, /^clock is .*now, after, and wallNow where there is one$/],
  ['clock', { now: Date.now, after: () => () => {}, wallNow: 5 }, /^clock is .*wallNow/],
  ['random', 4, /^random is 4: give a function/],
  ['codec', JSON, /^codec is an object: .*encode, decode$/],
  ['starting', 'join', /^starting is "join": give \{ as: 'founder' \}, /],
  ['starting', { as: 'leader' }, /^starting is an object: give \{ as: 'founder' \}/],
  ['starting', null, /^starting is null/],
  ['address', '', /^address is "": give a string/],
  ['flags', { heartbeats: 'no' }, /^flags is an object: .*true or false/],
  ['snapshotEveryBytes', 0, /^snapshotEveryBytes is 0: give a number of bytes above 0/],
  ['snapshotEveryBytes', Number.NaN, /^snapshotEveryBytes is NaN/],
  ['tuning', 5, /^tuning is 5: give an object with any of retransmitMs/],
  ['tuning', { attemptMs: 0 }, /^tuning\.attemptMs is 0: give a finite number of milliseconds above 0$/],
  ['tuning', { attemptMs: Number.POSITIVE_INFINITY }, /^tuning\.attemptMs is Infinity: give a finite number/],
  ['tuning', { backoffMsMax: '5' }, /^tuning\.backoffMsMax is "5": give a finite number/],
  ['tuning', { queuedBytesMax: 0.5 }, /^tuning\.queuedBytesMax is 0\.5: give an integer from 1 to 2\^53 - 1$/],
  ['tuning', { openBytesMax: Number.POSITIVE_INFINITY }, /^tuning\.openBytesMax is Infinity: give an integer/],
  ['tuning', { acceptAheadMax: 1.5 }, /^tuning\.acceptAheadMax is 1\.5: give an integer/],
  ['tuning', { attemptsMs: 5 }, /^tuning\.attemptsMs is 5: there is retransmitMs, /],
  ['tuning', { constructor: 5 }, /^tuning\.constructor is 5: there is /],
  ['stroage', volatileStorage(), /^options\.stroage is an object: there is no such option; there are id, .*storage/],
];

test('an option that is not what it must be is refused with its name, its value and the remedy', (t) => {
  for (const [name, value, said] of misfits) {
    const options = { ...fitting(), [name]: value } as never;
    const error = t.throws(() => createNode<Ledger>(options), { instanceOf: InvalidError, code: 'PAXAKOS_INVALID' });
    t.regex(error?.message ?? '', said);
  }
});

test('a transport and a communicator together are refused', (t) => {
  const communicator = { open: async () => {}, send() {}, onTrouble() {}, close: async () => {} };
  t.throws(() => createNode({ ...fitting(), communicator } as never), { message: /and not both/ });
});

test('no options at all are refused', (t) => {
  t.throws(() => createNode(undefined as never), { code: 'PAXAKOS_INVALID', message: /^options is undefined/ });
});

test('undefined stands for the default', async (t) => {
  const options = { ...fitting(), storage: undefined, starting: undefined, flags: undefined, tuning: undefined };
  const node = await createNode<Ledger>(options as never).start();
  t.is(node.status, 'following');
  await node.stop();
});

test('a call refuses an option that there is not, and names those that there are', async (t) => {
  const node = await createNode(fitting()).start();
  const entry = { id: '1', type: 'add', value: 1 } as const;
  const refused = async (options: unknown, message: RegExp): Promise<void> => {
    await t.throwsAsync(node.append(entry, options as never), { instanceOf: InvalidError, message });
  };
  await refused(
    { rety: 1 },
    /^append\.rety is 1: there is no such option; there are round, leadership, retry, signal$/,
  );
  await refused({ round: { form: 1 } }, /^append\.round\.form is 1: there is no such option; there are from, to$/);
  await refused({ round: 0 }, /^append\.round is 0: give an object with any of from, to$/);
  await refused(null, /^append is null: give an object with any of round/);
  await t.throwsAsync(
    node.read(() => 1, { consistency: 'stale', round: 1 } as never),
    { instanceOf: InvalidError, message: /^read\.round is 1: .*there are consistency, signal$/ },
  );
  t.throws(() => node.events({ bufferMax: 1 } as never), {
    instanceOf: InvalidError,
    message: /^events\.bufferMax is 1: .*there are signal, bufferedMax$/,
  });
  t.is(node.round, 0);
  await node.stop();
});

test('a node starts once', async (t) => {
  const builder = createNode(fitting());
  const node = await builder.start();
  await t.throwsAsync(builder.start(), { code: 'PAXAKOS_INVALID', message: /createNode/ });
  t.is((await (await node.append({ id: '1', type: 'add', value: 1 })).applied()) as unknown, 1);
  await node.stop();
});

test('a founder that the initial state does not name is refused, and nothing stays open', async (t) => {
  const disk = new TestDisk();
  const options = { ...fitting(), id: 'x', storage: disk.storage() };
  await t.throwsAsync(createNode(options).start(), { code: 'PAXAKOS_INVALID', message: /^id is "x".*as: 'join'/ });
  t.deepEqual(disk.records, []);
  await t.notThrowsAsync(disk.storage().open());
});

test('a state that names nothing sensible is refused at the start', async (t) => {
  for (const ids of [[], ['a', 'a'], ['']]) {
    const error = await t.throwsAsync(createNode({ ...fitting(), state: ledgers(ids) }).start());
    t.true(isPaxakosError(error, 'PAXAKOS_INVALID'));
    t.regex(error?.message ?? '', /^state\.cluster\(\)/);
  }
  for (const window of [0, 1.5, 65_537, Number.NaN]) {
    const error = await t.throwsAsync(createNode({ ...fitting(), state: ledgers(['a'], window) }).start());
    t.regex(error?.message ?? '', /^state\.concurrency\(\) is .*from 1 to 65536/);
  }
});

test('a storage that another node holds is not closed by the one that cannot have it', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  const storage = volatileStorage();
  await cluster.start('a', { storage });
  const second = createNode({ ...fitting(), storage });
  await t.throwsAsync(second.start(), { code: 'PAXAKOS_STORAGE_LOCKED' });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  t.is(await cluster.append('a', { id: '1', type: 'add', value: 2 }), 2);
  t.is(cluster.node('a').status, 'leading');
  await cluster.stopAll();
});

test('a bus that cannot be opened fails the start, and the storage is let go', async (t) => {
  const disk = new TestDisk();
  const cause = new Error('no bus');
  let closed = 0;
  const transport: Transport = {
    frameBytesMax: 1_000,
    open: () => Promise.reject(cause),
    send: () => {},
    close: async () => {
      closed += 1;
    },
  };
  const error = await t.throwsAsync(createNode({ ...fitting(), transport, storage: disk.storage() }).start());
  t.is(error, cause);
  t.true(closed > 0);
  await t.notThrowsAsync(disk.storage().open());
});
