// Goal: a world that never shows what it is for is found out. Method: small worlds, each with a sight that comes to pass or does
// not, and the sights of the real ones as far as they come early.
import test from 'ava';
import { readPrivateNames } from '../../src/explore/read-private-names.ts';
import { accepts, commits, crashes, promises, proposes, repeats, turns } from '../../src/explore/sight.ts';
import type { World } from '../../src/explore/world.ts';

readPrivateNames();
const { Explorer } = await import('../../src/explore/explorer.ts');
const { explore } = await import('../../src/explore/explore.ts');
const { worlds } = await import('../../src/explore/worlds.ts');

const peace: World = {
  name: 'peace',
  founders: 'abc',
  concurrency: 1,
  appends: { a: ['x'] },
  lost: worlds[0]?.lost ?? [],
  meets: [],
};

function unmetOf(changes: Partial<World>): readonly string[] {
  const { violation, unmet, met, ...rest } = new Explorer({ ...peace, ...changes }).run({ states: 20_000 });
  if (violation !== undefined || !rest.isWhole) throw new Error(violation?.rule ?? 'there are more states');
  if (met.some(({ states }) => states > rest.states)) throw new Error('met after the end');
  return unmet;
}

function run(args: readonly string[], changes: Partial<World>): { code: number; output: string } {
  const lines: string[] = [];
  const code = explore(
    args,
    () => 0,
    (line) => lines.push(line),
    [{ ...peace, ...changes }],
  );
  return { code, output: lines.join('\n') };
}

test('every world is there to show something', (t) => {
  for (const { name, meets } of worlds) t.true(meets.length > 0, name);
});

test('what comes to pass is met, and what does not is not', (t) => {
  t.deepEqual(unmetOf({ meets: [proposes('a', 'x'), commits('x'), promises('b1'), accepts('c1')] }), []);
  t.deepEqual(unmetOf({ meets: [promises('b1'), promises('b2'), turns('b'), commits('y')] }), [
    'b2 promises',
    'b promises a second number',
    'y is committed',
  ]);
});

test('what happens before exploration is not met', (t) => {
  const before = [{ at: 'a', does: 'append', texts: 'w' }] as const;
  t.deepEqual(unmetOf({ before, meets: [commits('w'), commits('x')] }), ['w is committed']);
});

test('a crash counts where something was promised before', (t) => {
  const frail = { crashes: 1, frail: 'b', slow: 'b' };
  t.deepEqual(unmetOf({ ...frail, meets: [crashes('b', 'log'), crashes('b', 'snapshot')] }), [
    'b crashes after a promise and keeps a snapshot',
  ]);
  t.is(unmetOf({ ...frail, appends: {}, meets: [crashes('b', 'log')] }).length, 1);
});

test('what a step before exploration sends to those it does not reach is under way', (t) => {
  const before = { at: 'b', does: 'append', texts: 'y' } as const;
  const meets = [promises('a1'), promises('c1')];
  t.deepEqual(unmetOf({ appends: {}, before: [before], meets }), ['a1 promises', 'c1 promises']);
  t.deepEqual(unmetOf({ appends: {}, before: [{ ...before, reaches: 'c' }], meets }), ['c1 promises']);
});

test('only the timers of wakers go off', (t) => {
  const meets = [repeats('a')];
  t.deepEqual(unmetOf({ wakes: 2, wakers: 'a', meets }), []);
  t.is(unmetOf({ wakes: 2, wakers: 'b', meets }).length, 1);
});

test('a run to its end fails where something was never met, and says what', (t) => {
  const { code, output } = run([], { meets: [commits('x'), commits('y')] });
  t.is(code, 1);
  t.regex(output, /which is all/);
  t.regex(output, /met after \d+ states: x is committed\n {2}NEVER MET: y is committed$/);
  t.is(run([], { meets: [commits('x')] }).code, 0);
});

test('a run that is short by request need not meet everything', (t) => {
  const { code, output } = run(['20'], { meets: [commits('y')] });
  t.is(code, 0);
  t.regex(output, /not met so far: y is committed$/);
});

test('H70 the first states of "old promise" have the new memory vote beside the promise of the old one', (t) => {
  const world = worlds.find(({ name }) => name === 'old promise') as World;
  t.deepEqual(new Explorer(world).run({ states: 15_000 }).unmet, []);
});

test('H68 the first states of "membership" have a mandate used across the change', (t) => {
  const world = worlds.find(({ name }) => name === 'membership') as World;
  const { met } = new Explorer(world).run({ states: 5_000 });
  t.deepEqual(
    met.map(({ name }) => name),
    [
      'a leads on from rounds of c into rounds of d',
      'b leads by a promise of c up to the rounds of d',
      'b leads on from rounds of c into rounds of d',
    ],
  );
});
