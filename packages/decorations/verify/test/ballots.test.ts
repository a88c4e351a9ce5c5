// Goal: who is wrong follows from what the members say, and from nothing else. Method: the parts that decide it, alone.
import test from 'ava';
import { Agenda } from '../src/agenda.ts';
import { Ballots } from '../src/ballots.ts';

const members = ['a', 'b', 'c'];

const ballots = (
  own: string,
  others: Readonly<Record<string, string | undefined>>,
  ids: readonly string[] = members,
): Ballots => {
  const made = new Ballots('a');
  made.own(10, own, ids);
  for (const [id, digest] of Object.entries(others)) made.other(id, 10, digest);
  return made;
};

test('a majority is one of the members, and each of them has one vote', (t) => {
  t.is(ballots('x', {}).judge(10), 'open');
  t.is(ballots('x', { b: 'x' }).judge(10), 'equal');
  t.is(ballots('x', { b: 'y', c: 'y' }).judge(10), 'diverged');
  t.is(ballots('x', { b: 'y' }).judge(10), 'open');
  t.is(ballots('x', { b: 'y', c: 'z' }).judge(10), 'undecided');
  t.is(ballots('x', { b: 'y' }, ['a', 'b']).judge(10), 'undecided');
  t.is(ballots('x', {}, ['a']).judge(10), 'equal');
  t.is(ballots('x', { b: 'y', d: 'x', e: 'x' }).judge(10), 'open', 'strangers do not count');
  t.is(ballots('x', { d: 'y', e: 'y' }).judge(10), 'open', 'nor do they against');
  t.is(ballots('x', { b: 'y', c: 'y' }, ['b', 'c']).judge(10), 'diverged', 'who is no member can still be wrong');
  t.is(ballots('x', { b: 'x' }, ['b', 'c']).judge(10), 'open', 'and does not count itself');
  t.is(ballots('x', { b: undefined, c: undefined }).judge(10), 'open');
  t.is(new Ballots('a').judge(10), 'open');
});

test('unopposed is who is contradicted by nobody when everybody has spoken', (t) => {
  t.true(ballots('x', { b: undefined, c: undefined }).isUnopposed(10));
  t.true(ballots('x', { b: undefined, c: 'x' }).isUnopposed(10));
  t.false(ballots('x', { b: undefined }).isUnopposed(10));
  t.false(ballots('x', { b: undefined, c: 'y' }).isUnopposed(10));
  t.false(ballots('x', { b: undefined, c: undefined }, ['b', 'c']).isUnopposed(10));
  t.false(new Ballots('a').isUnopposed(10));
});

test('the digests of 64 check points, and of 256 nodes, are kept', (t) => {
  const made = new Ballots('a');
  for (let round = 1; round <= 100; round += 1) {
    made.own(round, 'x', members);
    made.other('b', round, 'x');
  }
  t.is(made.judge(36), 'open');
  t.is(made.judge(37), 'equal');
  t.deepEqual(made.last, { round: 100, digest: 'x' });
  made.forgetOwn();
  made.own(36, 'x', members);
  made.own(37, 'x', members);
  t.is(made.judge(36), 'open');
  t.is(made.judge(37), 'equal');
  for (let node = 0; node < 1_000; node += 1) made.other(`node ${node}`, 37, 'y');
  t.is(made.judge(37), 'equal');
  made.own(
    37,
    'x',
    Array.from({ length: 1_000 }, (_, node) => `node ${node}`),
  );
  t.is(made.silent(37).length, 1_000 - 255);
});

test('a member is heard, however many others have spoken before it', (t) => {
  const made = ballots('x', {});
  for (let node = 0; node < 256; node += 1) made.other(`node ${node}`, 10, 'y');
  made.other('b', 10, 'x');
  t.is(made.judge(10), 'equal');
  // Nor is it forgotten for those that come later.
  for (let node = 256; node < 1_000; node += 1) made.other(`node ${node}`, 10, 'y');
  t.deepEqual(made.silent(10), ['c']);
});

test('the agenda has the multiples and what was announced, is bounded, and passes over what is past', (t) => {
  let every = 10;
  const agenda = new Agenda(() => every);
  agenda.skip(3);
  t.is(agenda.due, 10);
  t.false(agenda.announce(3, 3));
  t.true(agenda.announce(7, 3));
  t.is(agenda.due, 7);
  t.false(agenda.announce(3 + 2 ** 18, 3));
  t.false(agenda.reach(6));
  t.true(agenda.reach(7));
  t.true(agenda.reach(10));
  t.is(agenda.due, 20);
  for (let round = 31; round < 47; round += 1) t.true(agenda.announce(round, 10));
  t.false(agenda.announce(47, 10));
  agenda.skip(40);
  t.is(agenda.due, 41);
  t.true(agenda.announce(60, 40));
  every = Number.POSITIVE_INFINITY;
  agenda.skip(46);
  t.is(agenda.due, 60);
  agenda.skip(60);
  t.is(agenda.due, Number.POSITIVE_INFINITY);
});
