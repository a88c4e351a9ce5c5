// Goal: each node has a slot of its own. Method: all of them, for every size and leader.
import test from 'ava';
import { staggerMs } from '../src/stagger-ms.ts';

const intervalMs = 1_000;

test('slots are apart by as much as they are wide, and all within three quarters of the interval', (t) => {
  for (let size = 1; size <= 9; size += 1) {
    const cluster = Array.from({ length: size }, (_, index) => ({ id: `n${index}` })).reverse();
    for (const leader of [undefined, 'gone', ...cluster.map(({ id }) => id)]) {
      const slots = cluster
        .map(({ id }) => {
          const slot = (draw: number) => staggerMs({ id, status: 'following', leader, cluster }, intervalMs, draw);
          return { id, from: slot(0), to: slot(1) };
        })
        .sort((a, b) => a.from - b.from);
      slots.forEach(({ from, to }, index) => {
        const before = slots[index - 1]?.to ?? 0;
        t.true(from - before >= to - from - 0.001, `${size} ${leader}: ${before} to ${from}`);
        t.true(to <= intervalMs * 0.75 + 0.001, `${size} ${leader}: ${to}`);
      });
      if (leader !== undefined && leader !== 'gone') t.is(slots.at(-1)?.id, leader);
    }
  }
});

test('who leads is the first', (t) => {
  const cluster = [{ id: 'a' }, { id: 'b' }];
  t.is(staggerMs({ id: 'a', status: 'leading', leader: 'a', cluster }, intervalMs, 0.9), 0);
});
