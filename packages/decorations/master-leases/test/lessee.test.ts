// What a leader counts on: whose promises, in which clusters, from when, until when.
import type { CoordNum, GoverningCluster, VoteSeen } from '@paxakos/core';
import test from 'ava';
import { Lessee } from '../src/lessee.ts';
import { Timekeeper } from '../src/timekeeper.ts';

const number: CoordNum = { counter: 4, node: 'a', incarnation: 'a1' };
const mandate = { number, holdsThrough: 9, inheritedThrough: 0 };

function clusterOf(from: number, ...incarnations: readonly string[]): GoverningCluster {
  const pairs = incarnations.map((incarnation) => [incarnation.slice(0, 1), incarnation] as const);
  return { from, members: pairs.map(([id]) => ({ id })), incarnations: new Map(pairs) };
}

const openOf = (...clusters: readonly GoverningCluster[]) => ({ from: 5, to: 9, committed: 4, clusters });

function voteOf(incarnation: string, requestedAt: number, given: Partial<VoteSeen> = {}): VoteSeen {
  const data = { masterLease: { forMs: 1_000, at: requestedAt, life: 1 } };
  return {
    kind: 'acceptance',
    voter: incarnation.slice(0, 1),
    incarnation,
    number,
    round: 5,
    data,
    requestedAt,
    ...given,
  };
}

function lesseeOf(measures = false): { readonly lessee: Lessee; readonly time: { now: number } } {
  const time = { now: 100 };
  const self = { id: 'a', incarnation: 'a1' };
  const keeper = new Timekeeper({ now: () => time.now, after: () => () => {} }, undefined, 1_000, 1.25);
  return { lessee: new Lessee({ self, time: keeper, ratioMax: 1.25, measures }), time };
}

const abc = clusterOf(1, 'a1', 'b1', 'c1');

test('a promise counts from when it was asked for, and shorter than it was given', (t) => {
  const { lessee } = lesseeOf();
  lessee.onVote(voteOf('b1', 40));
  t.is(lessee.forMs(mandate, openOf(abc), false), 740);
});

test('it takes a majority, and the least of the best counts', (t) => {
  const { lessee } = lesseeOf();
  const five = openOf(clusterOf(1, 'a1', 'b1', 'c1', 'd1', 'e1'));
  lessee.onVote(voteOf('b1', 10));
  t.is(lessee.forMs(mandate, five, false), 0);
  lessee.onVote(voteOf('c1', 30));
  t.is(lessee.forMs(mandate, five, false), 710);
  lessee.onVote(voteOf('d1', 20));
  t.is(lessee.forMs(mandate, five, false), 720);
  lessee.onVote(voteOf('d1', 90));
  t.is(lessee.forMs(mandate, five, false), 730);
});

test('strict leases are of every cluster that governs an open round, lax ones of the next', (t) => {
  const { lessee } = lesseeOf();
  const open = openOf(abc, clusterOf(7, 'a1', 'd1', 'e1'));
  lessee.onVote(voteOf('b1', 40));
  t.is(lessee.forMs(mandate, open, false), 0);
  t.is(lessee.forMs(mandate, open, true), 740);
  lessee.onVote(voteOf('d1', 20));
  t.is(lessee.forMs(mandate, open, false), 720);
  t.is(lessee.forMs(mandate, openOf(), true), 0);
});

test('promises of other incarnations than the log names count for nothing, this node own included', (t) => {
  const { lessee } = lesseeOf();
  lessee.onVote(voteOf('b1', 40));
  t.is(lessee.forMs(mandate, openOf(clusterOf(1, 'a1', 'b2', 'c1')), false), 0);
  t.is(lessee.forMs(mandate, openOf(clusterOf(1, 'a2', 'b1', 'c1')), false), 0);
  lessee.onVote(voteOf('b2', 30));
  t.is(lessee.forMs(mandate, openOf(clusterOf(1, 'a1', 'b2', 'c1')), false), 730);
});

test('promises under another number count for nothing', (t) => {
  const { lessee } = lesseeOf();
  lessee.onVote(voteOf('b1', 40));
  const next = { ...mandate, number: { ...number, counter: 5 } };
  t.is(lessee.forMs(next, openOf(abc), false), 0);
  lessee.onVote(voteOf('c1', 60, { number: next.number }));
  t.is(lessee.forMs(next, openOf(abc), false), 760);
  t.is(lessee.forMs(mandate, openOf(abc), false), 0);
});

test('votes without a promise, and what makes no sense as one, count for nothing', (t) => {
  const { lessee } = lesseeOf();
  const at = { at: 1, life: 1 };
  const nonsense: readonly unknown[] = [
    undefined,
    null,
    7,
    'masterLease',
    {},
    { masterLease: 1_000 },
    { masterLease: { ...at } },
    { masterLease: { ...at, forMs: '1000' } },
    { masterLease: { ...at, forMs: Number.POSITIVE_INFINITY } },
    { masterLease: { ...at, forMs: -1 } },
    { masterLease: { forMs: 1_000, at: 1 } },
    { masterLease: { forMs: 1_000, at: Number.NaN, life: 1 } },
  ];
  for (const data of nonsense) lessee.onVote(voteOf('b1', 40, { data }));
  lessee.onVote(voteOf('b1', 40, { kind: 'rejection' }));
  lessee.onVote(voteOf('b1', 40, { kind: 'promise' }));
  t.is(lessee.forMs(mandate, openOf(abc), false), 0);
});

test('where clocks are measured, one promise is not enough', (t) => {
  const { lessee, time } = lesseeOf(true);
  lessee.onVote(voteOf('b1', 99));
  t.is(lessee.forMs(mandate, openOf(abc), false), 0);
  time.now = 301;
  lessee.onVote(voteOf('b1', 300));
  t.is(lessee.forMs(mandate, openOf(abc), false), 799);
});
