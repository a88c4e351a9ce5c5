// Goal: each check of what one memory votes and keeps can fail. Method: records and votes that break a rule each.
import type { CoordNum } from '@paxakos/core/contracts';
import type { DurableRecord } from '@paxakos/core/protocol';
import test from 'ava';
import { entryOf } from '../../src/explore/entry-of.ts';
import { VoteWatch } from '../../src/explore/vote-watch.ts';

const number = (counter: number): CoordNum => ({ counter, node: 'b', incarnation: 'b1' });
const promise = (counter: number): DurableRecord => ({ type: 'promise', number: number(counter) });
const accept = (counter: number, from: number): DurableRecord => {
  return { type: 'accept', number: number(counter), from, entries: [entryOf('x')] };
};
const proposal = (round: number, counter: number) => ({ round, number: number(counter), entry: entryOf('x') });

function watching(...records: readonly DurableRecord[]): VoteWatch {
  const watch = new VoteWatch('a', 'a1', undefined);
  for (const record of records) watch.remember(record);
  return watch;
}

test('P1 a promise that is not durable must not leave', (t) => {
  t.throws(() => watching(promise(1)).votes('a1', number(2)), { message: /^P1/ });
  t.notThrows(() => watching(promise(2)).votes('a1', number(2)));
});

test('P1 an acceptance that is not durable must not leave', (t) => {
  t.throws(() => watching(accept(2, 4)).accepts('a1', number(2), 4, 5), { message: /^P1/ });
  t.notThrows(() => watching(accept(2, 4), accept(2, 5)).accepts('a1', number(2), 4, 5));
});

test('P2 no vote is under a lesser number than the one before', (t) => {
  const watch = watching(promise(2));
  watch.votes('a1', number(2));
  t.throws(() => watch.votes('a1', number(1)), { message: /^P2/ });
});

test('P10 a vote carries the memory that the node has', (t) => {
  t.throws(() => watching(promise(1)).votes('a2', number(1)), { message: /^P10/ });
});

test('P3 a snapshot holds the promise, and what was accepted after its round', (t) => {
  const watch = watching(promise(1), accept(2, 4), accept(2, 5));
  const snapshot = { promised: number(2), accepted: [proposal(5, 2)], round: 4 };
  t.notThrows(() => watch.replacedBy(snapshot));
  t.throws(() => watch.replacedBy({ ...snapshot, promised: number(1) }), { message: /^P3/ });
  t.throws(() => watch.replacedBy({ ...snapshot, accepted: [] }), { message: /^P3/ });
  t.throws(() => watch.replacedBy({ ...snapshot, accepted: [proposal(5, 1)] }), { message: /^P3/ });
});
