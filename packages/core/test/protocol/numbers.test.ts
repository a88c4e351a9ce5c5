import test from 'ava';
import fc from 'fast-check';
import type { CoordNum } from '../../src/contracts/index.ts';
import { compareCoordNums, greaterCoordNum, majorityOf, nextCoordNum, sameCoordNum } from '../../src/protocol/index.ts';
import { votesIn } from '../../src/protocol/majority-of.ts';
import { splitRuns } from '../../src/protocol/runs.ts';
import { entryOf } from './support/entries.ts';

const numbers: fc.Arbitrary<CoordNum> = fc.record({
  counter: fc.integer({ min: 0, max: 3 }),
  node: fc.constantFrom('a', 'b', 'ab', 'é'),
  incarnation: fc.constantFrom('1', '2', '12'),
});

test('coordination numbers are totally ordered', (t) => {
  const order = fc.property(numbers, numbers, numbers, (a, b, c) => {
    const ab = Math.sign(compareCoordNums(a, b));
    if (ab !== -Math.sign(compareCoordNums(b, a))) return false;
    const isSame = a.counter === b.counter && a.node === b.node && a.incarnation === b.incarnation;
    if ((ab === 0) !== isSame || sameCoordNum(a, { ...b }) !== isSame) return false;
    if (ab <= 0 && compareCoordNums(b, c) <= 0 && compareCoordNums(a, c) > 0) return false;
    return compareCoordNums(greaterCoordNum(a, b) as CoordNum, a) >= 0;
  });
  t.notThrows(() => fc.assert(order, { numRuns: 2_000 }));
});

test('the next number is greater than all seen, and no other memory makes it (H69)', (t) => {
  const makers = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')), {
    selector: ([node, incarnation]) => `${node}/${incarnation}`,
    minLength: 1,
  });
  const steps = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 30 });
  const unique = fc.property(makers, steps, (all, made) => {
    const used = new Set<string>();
    const seen = all.map((): CoordNum | undefined => undefined);
    let greatest: CoordNum | undefined;
    for (const [at, hasHeard] of made) {
      const index = at % all.length;
      const [node, incarnation] = all[index] as readonly [string, string];
      if (hasHeard) seen[index] = greatest;
      const next = nextCoordNum(seen[index], node, incarnation);
      const before = seen[index];
      if (before !== undefined && compareCoordNums(next, before) <= 0) return false;
      const name = `${next.counter}/${node}/${incarnation}`;
      if (used.has(name)) return false;
      used.add(name);
      seen[index] = greaterCoordNum(seen[index], next);
      greatest = greaterCoordNum(greatest, next);
    }
    return true;
  });
  t.notThrows(() => fc.assert(unique));
});

test('H11 any two majorities of up to 9 members share one, and no fewer members do', (t) => {
  for (let members = 1; members <= 9; members += 1) {
    const majority = majorityOf(members);
    const sizes: number[] = [];
    for (let subset = 0; subset < 1 << members; subset += 1) {
      const size = subset.toString(2).replaceAll('0', '').length;
      sizes.push(size);
      // The worst other majority is made of as many as possible of those outside.
      const outside = members - size;
      if (size >= majority) t.true(outside < majority, `${members}: ${subset.toString(2)}`);
    }
    t.true(sizes.includes(majority));
    t.true((majority - 1) * 2 <= members, `${members}: fewer would do`);
  }
});

test('H11 duplicates, foreigners and other incarnations make no majority', (t) => {
  const votes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'z'), fc.constantFrom('1', '2')));
  const members: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
  const counts = fc.property(members, votes, (ids, cast) => {
    const epoch = {
      from: 1,
      members: ids.map((id) => ({ id })),
      incarnations: new Map(ids.map((id) => [id, `${id}1`])),
    };
    const counted = new Set(cast.flatMap(([node, life]) => (votesIn(epoch, node, `${node}${life}`) ? [node] : [])));
    const expected = new Set(cast.flatMap(([node, life]) => (life === '1' && ids.includes(node) ? [node] : [])));
    return counted.size === expected.size && [...counted].every((node) => expected.has(node));
  });
  t.notThrows(() => fc.assert(counts));
});

test('a run holds consecutive rounds, at most so many bytes but for a single entry, and nothing is lost', (t) => {
  const items = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 40 })), { maxLength: 30 })
    .map((gaps) => {
      let round = 0;
      return gaps.map(([gap, length]) => {
        round += gap;
        return { round, entry: entryOf('x', '.'.repeat(length)) };
      });
    });
  const cut = fc.property(items, fc.constantFrom(1, 20, 60, Number.POSITIVE_INFINITY), (all, bytesMax) => {
    const runs = splitRuns(all, bytesMax);
    const bytes = (run: typeof all): number => run.reduce((sum, { entry }) => sum + entry.bytes.length, 0);
    const isWhole = runs.flat().length === all.length && runs.flat().every((item, index) => item === all[index]);
    const isFit = runs.every(
      (run) =>
        run.length > 0 &&
        (run.length === 1 || bytes(run) <= bytesMax) &&
        run.every((item, index) => index === 0 || item.round === (run[index - 1]?.round ?? 0) + 1),
    );
    // No two neighbours could have been one.
    const isLeast = runs.every((run, index) => {
      const next = runs[index + 1];
      if (next === undefined || next[0] === undefined) return true;
      return next[0].round !== (run.at(-1)?.round ?? 0) + 1 || bytes([...run, next[0]]) > bytesMax;
    });
    return isWhole && isFit && isLeast;
  });
  t.notThrows(() => fc.assert(cut, { numRuns: 500 }));
});
