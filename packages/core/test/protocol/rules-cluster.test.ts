import test from 'ava';
import fc from 'fast-check';
import { idsIn } from './support/entries.ts';
import { type Flight, World } from './support/world.ts';

const promised = Number.MAX_SAFE_INTEGER;

/** c has lost its memory and is back; a leads a b c, and nobody has heard of c. */
function withoutMemory(concurrency = 3): World {
  const world = World.led('a', { founders: 'abc', concurrency });
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.lose();
  return world;
}

test('P10 a node without its memory votes on nothing until its new memory is in the log (H6, H31)', (t) => {
  const world = withoutMemory();
  world.partition('ac', 'b');
  const votes = [world.watch('c → a: promise'), world.watch('c → a: acceptance')];
  const [key] = world.append('a', 'x2');
  world.runFor(10_000);
  t.is(votes[0]?.(), 0);
  t.is(votes[1]?.(), 0);
  t.is(world.roundOf(key), undefined, 'a with the memory that c lost is no majority');
  t.is(world.node('c').live.kernel.participation.type, 'passive');
  world.heal();
  world.runUntil(() => world.node('c').live.kernel.participation.type === 'active');
  t.is(world.node('c').state.round, world.node('a').state.round);
});

test('P10 a new memory votes from where the window next reaches, not before', (t) => {
  const world = withoutMemory(3);
  const a = world.node('a');
  a.holdApply = true;
  world.runUntil(() => a.toApply.some(({ entry }) => entry.kind === 'rejoin'));
  const round = a.toApply.find(({ entry }) => entry.kind === 'rejoin')?.round ?? 0;
  a.holdApply = false;
  a.applySome(1);
  const { window } = a.live.kernel;
  t.is(window.epochOf(round + 2)?.incarnations.get('c'), 'c1');
  t.is(window.epochOf(round + 3)?.incarnations.get('c'), 'c2');
  // The no-ops that lead there are committed without c.
  world.partition('a', 'b', 'c');
  world.lose();
  const acceptance = (from: number) =>
    ({
      type: 'acceptance',
      number: { counter: 1, node: 'a', incarnation: 'a1' },
      incarnation: 'c2',
      from,
      to: from,
      committed: 0,
      data: [],
    }) as const;
  world.forge('c', 'a', acceptance(round + 1));
  t.is(a.live.kernel.learner.committed, round);
});

test('P10 votes of a former memory count for nothing where the log names a later one (H7)', (t) => {
  const world = World.founded({ founders: 'abc', concurrency: 2 });
  const old: Flight[] = [];
  world.onMessage = (flight) => {
    if (flight.from.id === 'c' && ['promise', 'acceptance'].includes(flight.message.type)) old.push(flight);
  };
  world.loses = (from, _to, { type }) => from === 'b' && type === 'promise';
  world.append('a', 'x1');
  world.runFor(1_000);
  t.true(old.length > 0);
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.loses = (from, _to, { type }) => ['b', 'c'].includes(from) && type === 'promise';
  world.runUntil(() => world.node('c').live.kernel.participation.type !== 'passive');
  const { window } = world.node('a').live.kernel;
  const from = window.latest?.from ?? 0;
  t.is(window.latest?.incarnations.get('c'), 'c2');
  const [key] = world.append('a', 'x2');
  for (const flight of old) world.replay(flight);
  for (const flight of old) {
    const { message } = flight;
    if (message.type === 'promise') world.replay({ ...flight, message: { ...message, from, through: promised } });
  }
  world.run();
  t.is(world.roundOf(key), undefined, 'a and the former memory of c are no majority');
  world.heal();
  world.runFor(2_000);
  t.truthy(world.roundOf(key));
});

test('P10 a founder that is told that the cluster runs already recovers, and founds nothing', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.crash('c', true);
  world.start('c', 'founder');
  world.runUntil(() => world.node('c').live.kernel.participation.type === 'active');
  t.is(world.node('c').live.kernel.founding?.incarnations.find(([id]) => id === 'c')?.[1], 'c1');
  t.is(world.node('c').live.kernel.window.incarnationOf('c'), 'c2');
  t.is(world.textsOf('c').split(' ')[0], 'x1');
});

test('P10 nothing is founded while one founder is missing', (t) => {
  const world = new World({ founders: 'abc' });
  world.start('ab');
  world.runFor(30_000);
  const [key] = world.append('a', 'x');
  world.runFor(10_000);
  t.is(world.roundOf(key), undefined);
  t.deepEqual([...world.checker.foundedIn], []);
  world.start('c');
  world.runFor(5_000);
  t.deepEqual([...world.checker.foundedIn].sort(), ['a', 'b', 'c']);
});

test('P10 a node that has lost its memory again while it came back comes back all the same', (t) => {
  const world = withoutMemory();
  for (let count = 0; count < 3; count += 1) {
    world.runFor(200);
    world.crash('c', true);
    world.start('c', 'newcomer');
  }
  world.runUntil(() => world.node('c').live.kernel.participation.type === 'active');
  t.is(world.node('c').live.kernel.incarnation, 'c5');
});

test('H28 changes that two leaders race for take effect as the log says', (t) => {
  for (let seed = 0; seed < 20; seed += 1) {
    const world = World.founded({ founders: 'abc', seed, concurrency: 2 });
    world.start('de', 'newcomer');
    world.runFor(5_000);
    world.append('a', '+d -b');
    world.append('c', '+e -a');
    while (world.flights.length > 0) world.deliver(world.random.pick(world.flights) as Flight);
    world.runFor(10_000);
    t.notThrows(() => world.checker.finish());
  }
});

test('H32 adding a member that never starts lowers no availability', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  world.append('a', '+d +e');
  world.runFor(1_000);
  world.crash('c');
  const keys = world.append('a', 'x2 x3 x4 x5 x6');
  world.runFor(1_000);
  t.true(keys.every((key) => world.roundOf(key) !== undefined));
});

test('H34 a leader that is removed stops leading and says that it is exiled', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  world.append('a', '-a');
  world.runFor(5_000);
  t.is(world.node('a').live.standing, 'following');
  const [key] = world.append('a', 'x');
  const settlement = world.settlements.get(key as number);
  t.is(settlement?.type === 'failed' && settlement.failure.code, 'exiled');
  const [other] = world.append('b', 'y');
  world.runFor(1_000);
  t.truthy(world.roundOf(other));
});

test('H34 members that are removed serve out the rounds that they still govern', (t) => {
  for (const founders of ['ab', 'abc']) {
    const world = World.led('a', { founders, concurrency: 3 });
    world.append(
      'a',
      idsIn(founders.slice(1))
        .map((id) => `-${id}`)
        .join(' '),
    );
    world.run();
    const [key] = world.append('a', 'x');
    world.runFor(5_000);
    t.truthy(world.roundOf(key), founders);
  }
});

test('H34 a member that is removed helps to elect a leader of the rounds that it still governs', (t) => {
  const world = World.led('b', { founders: 'abc', concurrency: 3 });
  const [change] = world.append('b', '-c') as [number];
  // The change is known to all; the no-ops after it are not.
  world.loses = (_from, _to, { type, ...rest }) =>
    type === 'propose' && 'from' in rest && rest.from > (world.roundOf(change) ?? Number.POSITIVE_INFINITY);
  world.run();
  t.true(world.textsOf('c').endsWith('-c'));
  world.crash('b');
  world.heal();
  const [key] = world.append('a', 'x') as [number];
  world.runFor(1_000);
  t.true(world.node('a').live.kernel.learner.committed >= 4, 'the rounds that a, b and c govern go on');
  world.start('b');
  world.runUntil(() => world.roundOf(key) !== undefined || world.settlements.has(key));
  t.truthy(world.roundOf(key));
});

test('H30 members that were added while the old ones are cut off choose nothing without them', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 1 });
  world.start('de', 'newcomer');
  world.runFor(5_000);
  world.append('a', '+d');
  world.append('a', '+e');
  world.runFor(5_000);
  const before = world.checker.log.size;
  world.partition('abc', 'de');
  const [minority] = world.append('d', 'y');
  world.runFor(10_000);
  t.is(world.roundOf(minority), undefined);
  t.is(world.checker.log.size, before);
  const [majority] = world.append('b', 'z');
  world.runFor(5_000);
  t.truthy(world.roundOf(majority));
});

test('H33, H69 no number is used by two nodes, whatever joins and leaves', (t) => {
  const change = fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom('+a', '+b', '+c', '+d', '-a', '-b', '-c', '-d'),
  );
  const runs = fc.property(fc.array(change, { maxLength: 10 }), (changes) => {
    const world = World.founded({ founders: 'abc', concurrency: 2 });
    world.start('d', 'newcomer');
    world.runFor(2_000);
    const owners = new Map<string, string>();
    world.onMessage = ({ from, message }) => {
      if (message.type !== 'prepare' && message.type !== 'propose') return;
      const { counter, node, incarnation } = message.number;
      const owner = owners.get(`${counter} ${node} ${incarnation}`) ?? from.id;
      if (owner !== from.id) throw new Error(`${counter} of ${owner} is used by ${from.id}`);
      owners.set(`${counter} ${node} ${incarnation}`, owner);
    };
    changes.forEach(([id, command], index) => {
      world.append(id, `${command}#${index}`);
      if (index % 2 === 0) world.runFor(300);
    });
    world.runFor(3_000);
    world.checker.finish();
  });
  t.notThrows(() => fc.assert(runs, { numRuns: 60 }));
});

test('H55 a node that reaches a majority can append, though two others do not reach one another', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.loses = (from, to) => from !== 'b' && to !== 'b';
  for (const id of ['b', 'a', 'c', 'b']) {
    const [key] = world.append(id, `from-${id}-${world.now}`);
    world.runFor(3_000);
    t.truthy(world.roundOf(key), id);
  }
});

test('H55 a leader that hears nobody gives up within a bound, and others go on', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.loses = (_from, to) => to === 'a';
  const [lost] = world.append('a', 'x2');
  world.runFor(10_000);
  t.is(world.node('a').live.standing, 'following');
  const [key] = world.append('b', 'y');
  world.runFor(3_000);
  t.truthy(world.roundOf(key));
  world.heal();
  world.runFor(10_000);
  t.is(world.textsOf('a'), world.textsOf('b'));
  t.not(world.settlements.get(lost as number), undefined);
});

test('H56 a node that was cut off and comes back does not disturb a healthy leader', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.partition('ab', 'c');
  world.append('c', 'lonely');
  world.runFor(10_000);
  world.heal();
  const bids = world.watch('a → b: prepare');
  const [key] = world.append('a', 'x2');
  world.runFor(3_000);
  t.is(world.roundOf(key), 2);
  t.is(bids(), 0);
  t.is(world.node('a').live.standing, 'leading');
  t.is(world.node('c').live.kernel.acceptor.promised?.node, 'a');
});
