import test from 'ava';
import { countDropped } from '../src/retention.ts';

const segment = (highestRound: number, endSequence: number, isSealed = true) => ({
  highestRound,
  endSequence,
  isSealed,
  endOffset: 1_000,
});
const log = [segment(10, 11), segment(20, 21), segment(30, 31), segment(35, 36, false)];
const all = { entries: 1_000, bytes: 1_000_000 };

test('nothing is dropped within the limits', (t) => {
  t.is(countDropped(log, 35, 36, all), 0);
});

test('a segment goes once all its rounds are below those to be kept', (t) => {
  t.is(countDropped(log, 35, 36, { ...all, entries: 26 }), 0); // 10 to 35
  t.is(countDropped(log, 35, 36, { ...all, entries: 25 }), 1); // 11 to 35
  t.is(countDropped(log, 35, 36, { ...all, entries: 5 }), 3);
});

test('the oldest segments go until the rest is within the limit of bytes', (t) => {
  t.is(countDropped(log, 35, 36, { ...all, bytes: 3_000 }), 0);
  t.is(countDropped(log, 35, 36, { ...all, bytes: 2_999 }), 1);
  t.is(countDropped(log, 35, 36, { ...all, bytes: 0 }), 3);
});

test('a segment that holds a record after the snapshot, or is still written to, stays', (t) => {
  t.is(countDropped(log, 35, 21, { entries: 0, bytes: 0 }), 2);
  t.is(countDropped(log, 35, 20, { entries: 0, bytes: 0 }), 1);
  t.is(countDropped([segment(1, 2, false)], 35, 36, { entries: 0, bytes: 0 }), 0);
});

test('an older segment that stays keeps the newer ones, whatever their rounds', (t) => {
  const goneBack = [segment(50, 11), segment(5, 21), segment(60, 31, false)];
  t.is(countDropped(goneBack, 60, 31, { ...all, entries: 20 }), 0);
  t.is(countDropped(goneBack, 60, 31, { ...all, entries: 10 }), 2);
});
