import test from 'ava';
import fc from 'fast-check';
import type { Proposal, RoundNum } from '../../src/contracts/index.ts';
import { BrokenInvariant } from '../../src/protocol/index.ts';
import { Learner } from '../../src/protocol/learner.ts';
import { Outbox } from '../../src/protocol/outbox.ts';
import { entryOf } from './support/entries.ts';

const number = { counter: 1, node: 'a', incarnation: 'a1' };
const last = 20;
const proposalOf = (round: RoundNum): Proposal => ({ round, number, entry: entryOf(`x${round}`) });

function appliedBy(outbox: Outbox): RoundNum[] {
  return outbox.end().flatMap((effect) => (effect.type === 'apply' ? effect.proposals.map(({ round }) => round) : []));
}

test('P12 what is learned in any order, again and again, is handed on once a round, in order', (t) => {
  const order = fc.array(fc.integer({ min: 1, max: last }), { maxLength: 60 });
  const once = fc.property(order, fc.constantFrom(0, 200, 100_000), (learned, bytesMax) => {
    const learner = new Learner(bytesMax);
    const outbox = new Outbox();
    const known = new Set<RoundNum>();
    const applied: RoundNum[] = [];
    for (const round of learned) {
      const { entry } = proposalOf(round);
      if (learner.learn(round, number, entry) !== !known.has(round)) throw new Error(`${round} is news, or is not`);
      known.add(round);
      learner.flush(outbox, applied.length);
      applied.push(...appliedBy(outbox));
      let committed = 0;
      while (known.has(committed + 1)) committed += 1;
      if (learner.committed !== committed || applied.length !== committed)
        throw new Error('it is not as far as it knows');
      if (applied.some((value, index) => value !== index + 1)) throw new Error(`applied ${applied.join()}`);
      const gaps = learner
        .gaps()
        .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
      const greatest = Math.max(0, ...known);
      const lacking = Array.from({ length: greatest }, (_, at) => at + 1).filter((value) => !known.has(value));
      if (gaps.join() !== lacking.join() || learner.greatest !== greatest) throw new Error(`gaps ${gaps.join()}`);
      if (learner.missing !== committed + 1) throw new Error(`it misses ${learner.missing}`);
    }
  });
  t.notThrows(() => fc.assert(once, { numRuns: 500 }));
});

test('P12 a state that is installed, or lost, is followed by the next round and no other', (t) => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('learn' as const), round: fc.integer({ min: 1, max: last }) }),
    fc.record({ what: fc.constant('orient' as const), round: fc.integer({ min: 1, max: last }) }),
    fc.record({ what: fc.constant('disorient' as const), round: fc.constant(0) }),
  );
  const follows = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const learner = new Learner(100_000);
    const outbox = new Outbox();
    let next: RoundNum | undefined = 1;
    for (const { what, round } of steps) {
      const before = learner.committed;
      if (what === 'learn') learner.learn(round, number, proposalOf(round).entry);
      if (what === 'disorient') {
        learner.disorient();
        next = undefined;
      }
      if (what === 'orient') {
        learner.orient(round);
        next = round + 1;
      }
      learner.flush(outbox, (next ?? 1) - 1);
      for (const applied of appliedBy(outbox)) {
        if (applied !== next) throw new Error(`${applied} is applied where ${next} is next`);
        next = applied + 1;
      }
      if (learner.committed < before) throw new Error('it forgot what is committed');
      if (learner.disoriented !== (next === undefined)) throw new Error('it does not know whether there is a state');
    }
  });
  t.notThrows(() => fc.assert(follows, { numRuns: 500 }));
});

test('H16 a learned entry never changes', (t) => {
  const learner = new Learner(100_000);
  learner.learn(1, number, entryOf('x'));
  learner.learn(3, number, entryOf('z'));
  t.throws(() => learner.learn(1, number, entryOf('y')), { instanceOf: BrokenInvariant });
  t.throws(() => learner.learn(3, number, entryOf('y')), { instanceOf: BrokenInvariant });
  t.false(learner.learn(3, { ...number, counter: 2 }, entryOf('z')));
});

test('what is kept at hand is bounded, but nothing goes that is still to be applied', (t) => {
  const learner = new Learner(1_000);
  const outbox = new Outbox();
  for (let round = 1; round <= 100; round += 1) learner.learn(round, number, proposalOf(round).entry);
  learner.flush(outbox, 40);
  t.is(learner.recall(40), undefined);
  for (let round = 41; round <= 100; round += 1) t.not(learner.recall(round), undefined);
  learner.flush(outbox, 100);
  const kept = learner.slice(learner.atHandFrom, 100, Number.POSITIVE_INFINITY);
  t.true(kept.length > 0 && kept.length < 20);
});
