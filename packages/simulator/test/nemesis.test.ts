// Goal: what a run counts as met has come about, and faults that overlap leave one another alone. Method: a cluster of three whose
// faults are planned by hand.
import { jsonCodec } from '@paxakos/core';
import test from 'ava';
import type { Fault } from '../src/fault.ts';
import { Nemesis } from '../src/nemesis.ts';
import { planOf } from '../src/plan.ts';
import { checkedSimulation } from '../src/simulation-options.ts';
import { World } from '../src/world.ts';

const weatherOf = (latencyMs: number) => ({ latencyMs, jitterMs: 0, loss: 0, duplication: 0 });

/** A cluster with these faults; nobody is up before `start`. */
function worldOf(faults: readonly Fault[]): { readonly world: World; readonly counts: () => Record<string, number> } {
  const checked = checkedSimulation({ seed: 1, profile: 'none', nodes: 3 });
  const plan = { ...planOf(1, checked.limits), volatile: [], snapshotEveryBytes: 1_000_000 };
  const { models, workload } = checked;
  const members = plan.founders.map((id) => ({ id }));
  const factory = checked.state(members, plan.window);
  const digest = (state: { freeze(): unknown }): string => new TextDecoder().decode(jsonCodec.encode(state.freeze()));
  const parts = { seed: 1, plan, factory, codec: undefined, probe: { digest }, workload, models, checked };
  const world = new World({ ...parts, onLine: undefined });
  new Nemesis(world, checked.changes).plan(faults);
  const counts = () =>
    Object.fromEntries([...world.coverage.counts].filter(([name]) => !/^(message|append|read)/.test(name)));
  return { world, counts };
}

async function founded(faults: readonly Fault[], untilMs = 5_000): Promise<ReturnType<typeof worldOf>> {
  const made = worldOf(faults);
  for (const id of made.world.plan.founders) made.world.host(id).start();
  made.world.clients.begin();
  await made.world.scheduler.runUntil(untilMs);
  return made;
}

test('weathers that overlap end one by one, and fair weather comes back with the last one', async (t) => {
  const { world } = worldOf([
    { at: 10, kind: 'weather', forMs: 30, weather: weatherOf(100) },
    { at: 20, kind: 'weather', forMs: 10, weather: weatherOf(200) },
    { at: 25, kind: 'weather', forMs: 40, weather: weatherOf(300) },
  ]);
  const fair = world.network.weather.latencyMs;
  const seen: (readonly [number, number])[] = [];
  for (const at of [15, 21, 26, 31, 41, 66]) {
    await world.scheduler.runUntil(at);
    seen.push([at, world.network.weather.latencyMs]);
  }
  const expected = [
    [15, 100],
    [21, 200],
    [26, 300],
    [31, 300],
    [41, 300],
    [66, fair],
  ] as const;
  t.deepEqual(seen, [...expected]);
});

test('a weather that is left out changes nothing about another one', async (t) => {
  const long = { at: 10, kind: 'weather', forMs: 30, weather: weatherOf(100) } as const;
  const short = { at: 5, kind: 'weather', forMs: 10, weather: weatherOf(200) } as const;
  for (const faults of [[long], [short, long]]) {
    const { world } = worldOf(faults);
    await world.scheduler.runUntil(20);
    t.is(world.network.weather.latencyMs, 100);
  }
});

test('a disk that is full, hangs or is slow twice is so until the last of both ends', async (t) => {
  const { world } = worldOf([
    { at: 5_000, kind: 'diskFull', node: 'a', forMs: 50 },
    { at: 5_010, kind: 'diskFull', node: 'a', forMs: 10 },
    { at: 5_000, kind: 'diskSlow', node: 'a', forMs: 20, slowness: 10 },
    { at: 5_010, kind: 'diskSlow', node: 'a', forMs: 40, slowness: 100 },
    { at: 5_000, kind: 'diskHung', node: 'b', forMs: 50 },
    { at: 5_010, kind: 'diskHung', node: 'b', forMs: 10 },
  ]);
  for (const id of world.plan.founders) world.host(id).start();
  await world.scheduler.runUntil(5_030);
  const a = world.host('a').disk.faults;
  const b = world.host('b').disk.faults;
  t.deepEqual([a.isFull, a.slowness, b.isHung], [true, 100, true]);
  await world.scheduler.runUntil(5_060);
  t.deepEqual([a.isFull, a.slowness, b.isHung], [false, 1, false]);
});

const onA = { node: 'a', at: 3_000 } as const;
const all: readonly Fault[] = [
  { ...onA, kind: 'pause', forMs: 10 },
  { ...onA, kind: 'clockRate', rate: 2 },
  { ...onA, kind: 'clockJump', aheadMs: 10 },
  { ...onA, kind: 'dissent', forMs: 10, share: 1 },
  { ...onA, kind: 'diskFull', forMs: 500 },
  { ...onA, kind: 'diskHung', forMs: 500 },
  { ...onA, kind: 'diskSlow', forMs: 500, slowness: 10 },
  { ...onA, kind: 'failSync' },
  { ...onA, kind: 'failWrite' },
  { ...onA, kind: 'stop', downMs: 10 },
  { ...onA, kind: 'eject' },
  { ...onA, kind: 'crash', downMs: 10, isPowerCut: true, afterChanges: 3 },
  { at: 3_000, kind: 'admit', node: 'b' },
  { at: 3_000, kind: 'dismiss', node: 'b' },
  { at: 3_000, kind: 'window', concurrency: 4 },
  { at: 3_000, kind: 'snapshot', from: 'a', to: 'b' },
  { at: 3_000, kind: 'replay', count: 5 },
  { at: 3_000, kind: 'cut', forMs: 10, ways: [] },
  { at: 3_000, kind: 'blackout', downMs: 10 },
];

test('no fault counts at a node that was never up', async (t) => {
  const { world, counts } = worldOf(all);
  await world.scheduler.runUntil(5_000);
  t.deepEqual(counts(), {});
});

test('no fault counts at a node that has crashed', async (t) => {
  const crash: Fault = { ...onA, at: 2_000, kind: 'blackout', downMs: 60_000 };
  const { counts } = await founded([crash, ...all.filter(({ kind }) => kind !== 'replay')]);
  const faults = Object.keys(counts()).filter((name) => name.startsWith('fault'));
  t.deepEqual(faults, ['fault: blackout']);
});

test('each fault that comes about counts once', async (t) => {
  for (const fault of all) {
    if (fault.kind === 'cut') continue;
    // Only a node that is behind takes a snapshot.
    const cut: Fault = {
      at: 1_500,
      kind: 'cut',
      forMs: 1_600,
      ways: [
        ['a', 'b'],
        ['c', 'b'],
      ],
    };
    const { world, counts } = await founded(fault.kind === 'snapshot' ? [cut, fault] : [fault]);
    t.is(world.violation, undefined, fault.kind);
    t.is(counts()[`fault: ${fault.kind}`], 1, fault.kind);
  }
});

test('a fault of a disk that no call runs into does not count, nor does a crash that never comes', async (t) => {
  const late: readonly Fault[] = [
    { ...onA, at: 4_000, kind: 'diskFull', forMs: 100 },
    { ...onA, at: 4_000, kind: 'failSync' },
    { ...onA, at: 4_000, kind: 'crash', downMs: 10, isPowerCut: true, afterChanges: 3 },
    { ...onA, at: 4_000, kind: 'diskHung', forMs: 100 },
  ];
  const { world, counts } = worldOf(late);
  for (const id of world.plan.founders) world.host(id).start();
  await world.scheduler.runUntil(3_999);
  // Nobody appends anything.
  await world.scheduler.runUntil(6_000);
  t.deepEqual(
    Object.keys(counts()).filter((name) => /^(fault:|a (call|sync|write|crash)) /.test(name)),
    [],
  );
});

test('a snapshot that goes from a node to itself, or arrives nowhere, does not count', async (t) => {
  const self = await founded([{ at: 3_000, kind: 'snapshot', from: 'a', to: 'a' }]);
  t.is(self.counts()['fault: snapshot'], undefined);
  const late = await founded([
    { at: 3_000, kind: 'pause', node: 'b', forMs: 1_000 },
    { at: 3_010, kind: 'snapshot', from: 'a', to: 'b' },
    { at: 3_020, kind: 'crash', node: 'b', downMs: 100, isPowerCut: true, afterChanges: 0 },
  ]);
  t.is(late.counts()['fault: snapshot'], undefined);
});

test('a bit that is flipped while a node starts may go unread: the next start finds it, and that is no violation', async (t) => {
  let unread = 0;
  // The log has been read by then, and the node is not up yet.
  for (const afterMs of [6.5, 7, 7.5, 8]) {
    const { world } = await founded([{ at: 2_900, kind: 'diskSlow', node: 'c', forMs: 1_000, slowness: 20 }], 3_000);
    const host = world.host('c');
    host.crash(false);
    host.start();
    await world.scheduler.runUntil(3_000 + afterMs);
    if (host.standing !== 'starting' || !host.disk.flip()) continue;
    host.isDoomed = true;
    await world.scheduler.runUntil(3_500);
    if (host.isDoomed) unread += 1;
    host.crash(false);
    host.start();
    await world.scheduler.runUntil(4_000);
    t.is(world.violation?.problem, undefined, `${afterMs} ms after the start`);
  }
  t.true(unread > 0);
});
