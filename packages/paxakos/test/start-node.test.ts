// Goal: the preset starts nodes that find their leader, take appends anywhere, and load no more than is switched on.
import { applyWith, createNode, InvalidError, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import test, { type ExecutionContext } from 'ava';
import { connectTransport } from '../src/bus/connect-transport.ts';
import { type Features, startNode } from '../src/index.ts';
import { ApplicationFolder } from './application-folder.ts';
import { until } from './liveness.ts';

type Op = LogEntry<'add', { value: number }, number>;

class Sum implements State<Op, number> {
  readonly #members: readonly NodeInfo[];
  value: number;

  constructor(ids: string, value = 0) {
    this.#members = Array.from(ids, (id) => ({ id }));
    this.value = value;
  }

  readonly apply = applyWith<Op>({
    add: ({ value }) => {
      this.value += value;
      return this.value;
    },
  });

  cluster(): readonly NodeInfo[] {
    return this.#members;
  }

  freeze(): number {
    return this.value;
  }
}

const sums = (ids: string) => ({ create: () => new Sum(ids), thaw: (value: number) => new Sum(ids, value) });
const add = (id: string): Op => ({ id, type: 'add', value: 1 });

test('with nothing said, appends go to any node, and one leads; what is off is not there', async (t) => {
  const transport = 'memory:start-node';
  const state = sums('abc');
  const start = (id: string) => startNode({ id, state, transport });
  const nodes = await Promise.all(['a', 'b', 'c'].map(start));
  const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
  await a.append(add('1'));
  const commits = await Promise.all(
    nodes.flatMap((node) => ['2', '3', '4'].map((n) => node.append(add(`${node.id}${n}`)))),
  );
  t.deepEqual(
    [...new Set(await Promise.all(commits.map((commit) => commit.applied())))].sort((x, y) => x - y),
    [2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  const leading = () => nodes.filter(({ status }) => status === 'leading').length;
  const leaders = () => new Set([b, c].map(({ trackLeadership }) => trackLeadership.lax.leader));
  await t.notThrowsAsync(until('one node leads, and the others see it', () => leading() === 1 && leaders().size === 1));
  for (const name of ['heartbeats', 'autofill', 'ensureLeadership', 'catchUp', 'verify', 'delegation'])
    t.true(name in a, name);
  for (const name of ['masterLeases', 'leaser', 'releaser']) t.false(name in a, name);
  await Promise.all(nodes.map((node) => node.stop()));
});

test('a leader that is gone is replaced without any append', async (t) => {
  const features = { ensureLeadership: { intervalMs: 60 }, heartbeats: { intervalMs: 60 } };
  const start = (id: string) => startNode({ id, state: sums('abc'), transport: 'memory:replaced', features });
  const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);
  await a.append(add('1'));
  const leading = () => [a, b, c].find(({ status }) => status === 'leading');
  await until('a node leads', () => leading() !== undefined);
  const leader = leading();
  await leader?.stop();
  const left = [a, b, c].filter((node) => node !== leader);
  await t.notThrowsAsync(until('another node leads', () => left.some(({ status }) => status === 'leading')));
  await Promise.all(left.map((node) => node.stop()));
});

test('leases need their table, bring the releaser with them, and flags switch them off', async (t) => {
  const { LeaseTable } = await import('@paxakos/leaser');
  type Entry = import('@paxakos/leaser').LeaseEntry;
  class Locks implements State<Entry, import('@paxakos/leaser').FrozenLeases> {
    readonly leases: InstanceType<typeof LeaseTable>;
    constructor(frozen?: import('@paxakos/leaser').FrozenLeases) {
      this.leases = new LeaseTable(frozen);
    }
    readonly apply: State<Entry>['apply'] = (entry) => this.leases.apply(entry) as never;
    cluster(): readonly NodeInfo[] {
      return [{ id: 'a' }];
    }
    freeze(): import('@paxakos/leaser').FrozenLeases {
      return this.leases.freeze();
    }
  }
  const start = (flags: Record<string, boolean>, transport: string) =>
    startNode({
      id: 'a',
      state: { create: () => new Locks(), thaw: (frozen) => new Locks(frozen) },
      transport,
      flags,
      features: { leaser: { table: ({ leases }) => leases }, masterLeases: true },
    });
  const node = await start({}, 'memory:leases');
  const lease = await node.leaser.takeLease('job');
  t.true(lease.isHeld);
  t.true('releaser' in node);
  await lease.release();
  t.is(await node.read(({ leases }) => leases !== undefined, { consistency: 'linearizable' }), true);
  await node.stop();
  const off = await start({ leaser: false }, 'memory:leases-off');
  await t.throwsAsync(off.leaser.takeLease('job'), { code: 'PAXAKOS_DECORATION_DISABLED' });
  await off.stop();
});

const refused = async (t: ExecutionContext, features: unknown, message: RegExp): Promise<void> => {
  const options = { id: 'a', state: sums('a'), transport: 'memory:refused', features };
  await t.throwsAsync(startNode(options as never), { instanceOf: InvalidError, message });
};

test('a feature that there is not, or that lacks what it needs, is refused', async (t) => {
  await refused(
    t,
    { heartbeat: true },
    /^features\.heartbeat is true: there is no such feature; there are trackLeadership/,
  );
  await refused(t, { heartbeats: 'on' }, /^features\.heartbeats is "on": give true, false, or its options/);
  await refused(t, { leaser: true }, /^features\.leaser is true: give \{ table:/);
  await refused(
    t,
    { trackLeadership: false, delegation: true },
    /^features\.trackLeadership is false: delegation needs it/,
  );
  await refused(t, { heartbeats: { intervalMs: -1 } }, /intervalMs is -1/);
  await refused(t, null, /^features is null: give an object/);
  await t.throwsAsync(startNode(undefined as never), { instanceOf: InvalidError, message: /^options is undefined/ });
});

test('the package of a feature that is off is not loaded', (t) => {
  const application = new ApplicationFolder(t);
  const off: Features = {
    trackLeadership: false,
    heartbeats: false,
    autofill: false,
    ensureLeadership: false,
    catchUp: false,
    verify: false,
  };
  for (const name of [
    'heartbeats',
    'autofill',
    'track-leadership',
    'ensure-leadership',
    'catch-up',
    'verify',
    'delegation',
  ])
    application.unlink(`@paxakos/${name}`);
  const program = (features: Features): string => `
    import { startNode } from 'paxakos';
    const state = { apply: () => {}, cluster: () => [{ id: 'a' }], freeze: () => null };
    const features = ${JSON.stringify(features)};
    const node = await startNode({ id: 'a', transport: 'memory:', state: { create: () => state, thaw: () => state }, features });
    await node.append({ id: '1', type: 'x' });
    console.log(node.status);
    await node.stop();`;
  t.is(application.run(program(off)), 'leading');
  t.regex(application.run(program({ ...off, verify: true })), /Cannot find package '@paxakos\/verify'/);
});

test('a transport and a storage may be objects; with neither, the error is that of createNode', async (t) => {
  const state = sums('a');
  const transport = await connectTransport('memory:object');
  const node = await startNode({ id: 'a', state, transport, features: { verify: false } });
  t.is(await (await node.append(add('1'))).applied(), 1);
  await node.stop();
  const expected = await t.throwsAsync(async () => createNode({ id: 'a', state }).start());
  await t.throwsAsync(startNode({ id: 'a', state }), { message: expected?.message ?? '' });
});
