// Goal: ranges are right in whatever order numbers are seen. Method: they are told directly; many random orders.
import test from 'ava';
import fc from 'fast-check';
import { compareNumbers, LeadershipRanges, reachOf } from '../src/leadership-ranges.ts';

const number = (counter: number, node = 'a', incarnation = '0') => ({ counter, node, incarnation });

const brief = (ranges: LeadershipRanges): string =>
  ranges
    .list([])
    .map(({ number: { counter }, from, to }) => `${counter}: ${from}-${to ?? ''}`)
    .join(', ');

test('a greater number takes the rounds from where it begins; a lesser one gets those before it', (t) => {
  const ranges = new LeadershipRanges(8);
  t.true(ranges.note(number(3), 10, 9, 1));
  t.true(ranges.note(number(5), 20, 20, 2));
  t.is(brief(ranges), '3: 10-19, 5: 20-');
  t.true(ranges.note(number(4), 15, 16, undefined));
  t.is(brief(ranges), '3: 10-14, 4: 15-19, 5: 20-');
  t.true(ranges.note(number(6), 12, 12, 3));
  t.is(brief(ranges), '3: 10-11, 6: 12-');
});

test('a lesser number seen late, in the rounds of a greater one, changes nothing', (t) => {
  const ranges = new LeadershipRanges(8);
  ranges.note(number(5), 20, 20, 2);
  t.false(ranges.note(number(4), 20, 30, 3));
  t.false(ranges.note(number(4), 25, 30, 3));
  t.is(brief(ranges), '5: 20-');
});

test('a number that is seen again is no change, but where it begins sooner; the time of its last directive is kept', (t) => {
  const ranges = new LeadershipRanges(8);
  ranges.note(number(5), 20, 20, 2);
  t.false(ranges.note(number(5), 22, 25, 7));
  t.false(ranges.note(number(5), 23, 23, undefined));
  t.is(ranges.list([])[0]?.lastDirectiveAt, 7);
  t.true(ranges.note(number(5), 18, 18, 8));
  t.is(brief(ranges), '5: 18-');
});

test('numbers are ordered by counter, then node, then memory', (t) => {
  const ascending = [number(1, 'b', '9'), number(2, 'a', '1'), number(2, 'a', '2'), number(2, 'b', '0')];
  const shuffled = [2, 0, 3, 1].map((index) => ascending[index] as (typeof ascending)[number]);
  t.deepEqual(shuffled.sort(compareNumbers), ascending);
  t.is(compareNumbers(number(1), number(1)), 0);
});

test('a node reaches as far as the last of the clusters that it is a member of', (t) => {
  const cluster = (from: number, ...ids: string[]) => ({
    from,
    members: ids.map((id) => ({ id })),
    incarnations: new Map<string, string>(),
  });
  const clusters = [cluster(1, 'a', 'b'), cluster(10, 'b', 'c'), cluster(20, 'c', 'd')];
  t.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map((id) => reachOf(id, clusters)),
    [9, 19, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0],
  );
  t.is(reachOf('a', []), Number.POSITIVE_INFINITY);
});

test('who asked to lead, and is no member any more, hides nobody who leads', (t) => {
  const cluster = (...ids: string[]) => [{ from: 1, members: ids.map((id) => ({ id })), incarnations: new Map() }];
  const ranges = new LeadershipRanges(8);
  ranges.note(number(3, 'b'), 10, 12, 1);
  ranges.note(number(5, 'a'), 13, 12, 2);
  t.false(ranges.forgetVoid(cluster('a', 'b')));
  t.is(ranges.leaderOf(14, cluster('a', 'b')), 'a');
  t.true(ranges.forgetVoid(cluster('b', 'c')));
  t.is(ranges.leaderOf(14, cluster('b', 'c')), 'b');
  t.deepEqual(
    ranges.list(cluster('b', 'c')).map(({ leader, to }) => [leader, to]),
    [['b', undefined]],
  );
  // What it was seen to lead stays its own.
  ranges.note(number(5, 'a'), 13, 13, 3);
  t.false(ranges.forgetVoid(cluster('b', 'c')));
  t.is(ranges.leaderOf(14, cluster('b', 'c')), undefined);
});

test('the rounds that one asked for who is no member any more are free for whoever leads by a lesser number', (t) => {
  const cluster = (...ids: string[]) => [{ from: 1, members: ids.map((id) => ({ id })), incarnations: new Map() }];
  const ranges = new LeadershipRanges(8);
  ranges.note(number(3, 'b'), 20, 22, 1);
  ranges.note(number(5, 'a'), 18, 17, 2);
  t.is(ranges.leaderOf(23, cluster('a', 'b')), 'a');
  t.true(ranges.forgetVoid(cluster('b')));
  t.true(ranges.note(number(3, 'b'), 23, 23, 3));
  t.is(ranges.leaderOf(24, cluster('b')), 'b');
});

test('whatever the order, ranges ascend without overlap, and each round belongs to the greatest number that began by then', (t) => {
  const seen = fc.array(fc.record({ counter: fc.integer({ min: 1, max: 9 }), from: fc.integer({ min: 1, max: 40 }) }));
  fc.assert(
    fc.property(seen, (notes) => {
      const ranges = new LeadershipRanges(64);
      for (const { counter, from } of notes) ranges.note(number(counter, `n${counter}`), from, from, undefined);
      for (let round = 1; round <= 45; round += 1) {
        const begun = notes.filter(({ from }) => from <= round).map(({ counter }) => counter);
        const expected = begun.length === 0 ? undefined : `n${Math.max(...begun)}`;
        if (ranges.leaderOf(round, []) !== expected) return false;
      }
      const list = ranges.list([]);
      return list.every(({ from }, index) => index === 0 || list[index - 1]?.to === from - 1);
    }),
  );
  t.pass();
});
