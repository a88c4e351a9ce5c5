// Goal: every interleaving of small worlds keeps the rules. Method: the first states of each world, breadth-first, and the whole
// of the smallest one; `npm run explore` goes to the end, or to millions of states.
import test from 'ava';
import { readPrivateNames } from '../../src/explore/read-private-names.ts';

readPrivateNames();
const { Explorer } = await import('../../src/explore/explorer.ts');
const { worlds } = await import('../../src/explore/worlds.ts');

for (const world of worlds) {
  test.serial(`P1 to P12 hold in the first states of the world "${world.name}"`, (t) => {
    const { violation, states, depth } = new Explorer(world).run({ states: 30_000 });
    t.is(violation, undefined, violation?.trace.join('\n'));
    t.true(states >= 30_000 && depth >= 4, `${states} states, ${depth} events deep`);
  });
}

test('a world with one proposer is explored to its end', (t) => {
  const world = {
    name: 'peace',
    founders: 'abc',
    concurrency: 1,
    appends: { a: ['x'] },
    lost: worlds[0]?.lost ?? [],
    meets: [],
  };
  const { isWhole, violation, states, depth } = new Explorer(world).run();
  t.true(isWhole);
  t.is(violation, undefined);
  t.deepEqual([states, depth], [281, 12]);
});

test('the same world gives the same states', (t) => {
  const [duel] = worlds;
  if (duel === undefined) return t.fail();
  const [first, second] = [1, 2].map(() => new Explorer(duel).run({ states: 5_000 }));
  t.deepEqual(first, second);
});
