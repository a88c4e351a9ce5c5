import test from 'ava';
import fc from 'fast-check';
import { PromiseLedger } from '../../src/protocol/index.ts';

const rounds = 12;
const beyond = Number.MAX_SAFE_INTEGER;

interface Given {
  readonly node: string;
  readonly incarnation: string;
  readonly from: number;
  readonly through: number;
}

const promises: fc.Arbitrary<Given> = fc
  .record({
    node: fc.constantFrom('a', 'b', 'c', 'd', 'z'),
    life: fc.constantFrom('1', '2'),
    from: fc.integer({ min: 1, max: rounds }),
    length: fc.constantFrom(1, 2, 5, beyond),
  })
  .map(({ node, life, from, length }) => ({
    node,
    incarnation: `${node}${life}`,
    from,
    through: length === beyond ? beyond : from + length - 1,
  }));

const epochs = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }).map((ids) => ({
  from: 1,
  members: ids.map((id) => ({ id })),
  incarnations: new Map(ids.map((id) => [id, `${id}1`])),
}));

test('P5 a majority of an epoch holds for a round exactly where so many of its members cover it, by their memories', (t) => {
  const alike = fc.property(fc.array(promises, { maxLength: 15 }), epochs, (given, epoch) => {
    const ledger = new PromiseLedger();
    for (const { node, incarnation, from, through } of given) ledger.add(node, incarnation, from, through);
    const covers = (id: string, round: number): boolean =>
      given.some(({ incarnation, from, through }) => incarnation === `${id}1` && from <= round && round <= through);
    const held: boolean[] = [];
    for (let round = 1; round <= rounds + 8; round += 1) {
      const voters = epoch.members.filter(({ id }) => covers(id, round)).length;
      const isHeld = voters * 2 > epoch.members.length;
      held[round] = isHeld;
      if (ledger.holds(epoch, round) !== isHeld || ledger.votes(epoch, round) !== voters)
        throw new Error(`round ${round}: ${ledger.votes(epoch, round)} votes, not ${voters}`);
      for (const { id } of epoch.members) {
        const next = ledger.firstUncovered(id, `${id}1`, round);
        let expected = round;
        while (covers(id, expected) && expected <= rounds + 8) expected += 1;
        const isOpen = expected > rounds + 8;
        if (isOpen ? next <= rounds + 8 : next !== expected)
          throw new Error(`${id} ${round}: ${next}, not ${expected}`);
      }
    }
    for (let round = 1; round <= rounds; round += 1) {
      let last = round - 1;
      while (last < rounds && held[last + 1] === true) last += 1;
      const through = ledger.heldThrough(epoch, round, rounds);
      if (through !== last) throw new Error(`held from ${round} through ${through}, not ${last}`);
    }
  });
  t.notThrows(() => fc.assert(alike, { numRuns: 2_000 }));
});
