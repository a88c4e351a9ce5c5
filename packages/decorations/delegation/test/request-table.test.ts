// Goal: no request is ever taken twice, whatever the order in which its copies, its cancellation and the answers come, and the
// memory of it is bounded. Method: a model over random histories.
import test from 'ava';
import fc from 'fast-check';
import { RequestTable } from '../src/request-table.ts';

type Step =
  | { readonly type: 'take' | 'look' | 'refuse' | 'answer' | 'release'; readonly id: number }
  | { readonly type: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom('take' as const, 'take' as const, 'look' as const, 'refuse' as const, 'answer' as const),
    id: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ type: fc.constant('release' as const), id: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
);

test('a request is taken at most once, never after it was refused or forgotten, and keeps its answer', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 6 }), (steps, requestsMax) => {
      const table = new RequestTable<string>(requestsMax, 50);
      const taken = new Set<number>();
      const closed = new Set<number>();
      const answers = new Map<number, string>();
      let now = 0;
      for (const one of steps) {
        if (one.type === 'wait') now += one.ms;
        else if (one.type === 'release') table.release(one.id, now);
        else if (one.type === 'answer') {
          if (!taken.has(one.id) || answers.has(one.id)) continue;
          table.answer(one.id, `done ${one.id}`, now);
          answers.set(one.id, `done ${one.id}`);
        } else {
          const { id, type } = one;
          const verdict =
            type === 'take' ? table.take(id, now) : type === 'look' ? table.look(id) : table.refuse(id, 'refused', now);
          switch (verdict.type) {
            case 'take':
              if (taken.has(id) || closed.has(id)) return false;
              taken.add(id);
              break;
            case 'answered':
              if (type === 'refuse' && !taken.has(id) && !answers.has(id)) answers.set(id, 'refused');
              if (verdict.answer !== answers.get(id)) return false;
              closed.add(id);
              break;
            case 'forgotten':
              closed.add(id);
              break;
            case 'working':
              if (!taken.has(id) || answers.has(id)) return false;
              break;
            case 'missing':
            case 'full':
              if (taken.has(id) || answers.has(id)) return false;
          }
        }
        if (table.size > requestsMax) return false;
        if (table.working !== [...taken].filter((id) => !answers.has(id)).length) return false;
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('what is worked on is never forgotten; where there is no room, nothing happens', (t) => {
  const table = new RequestTable<string>(2, 50);
  t.deepEqual(table.take(5, 0), { type: 'take' });
  t.deepEqual(table.take(6, 0), { type: 'take' });
  t.deepEqual(table.take(7, 0), { type: 'full' });
  table.release(100, 1_000);
  t.deepEqual(table.take(5, 1_000), { type: 'working' });
  table.answer(5, 'done', 1_000);
  t.deepEqual(table.take(101, 1_000), { type: 'take' });
  t.deepEqual(table.take(5, 1_000), { type: 'forgotten' });
});

test('an answer is remembered until the appender has it, or for its time', (t) => {
  const table = new RequestTable<string>(10, 50);
  for (const id of [1, 2, 3]) table.take(id, 0);
  for (const id of [1, 2, 3]) table.answer(id, `done ${id}`, 10);
  table.release(2, 20);
  t.deepEqual(table.look(1), { type: 'forgotten' });
  t.deepEqual(table.look(2), { type: 'answered', answer: 'done 2' });
  table.release(2, 70);
  t.deepEqual(table.look(2), { type: 'forgotten' });
  t.deepEqual(table.look(4), { type: 'missing' });
  t.is(table.size, 0);
});
