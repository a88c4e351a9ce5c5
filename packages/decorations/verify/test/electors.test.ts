// Goal: two sets of members have a say, and those that were there before the state could go wrong the last one. Method: the part that
// counts, alone.
import test from 'ava';
import { Ballots } from '../src/ballots.ts';

const ballots = (
  others: Readonly<Record<string, string | undefined>>,
  members: readonly string[],
  trusted: readonly string[] = ['a', 'b', 'c'],
): Ballots => {
  const made = new Ballots('a');
  made.own(10, 'x', members, () => trusted);
  for (const [id, digest] of Object.entries(others)) made.other(id, 10, digest);
  return made;
};

test('a state is equal to what both majorities have, and to nothing else', (t) => {
  t.is(ballots({}, ['a']).judge(10), 'open', 'alone by its own account');
  t.is(ballots({ b: 'x' }, ['a']).judge(10), 'equal');
  t.is(ballots({ b: 'x' }, ['a', 'd', 'e']).judge(10), 'open');
  t.is(ballots({ b: 'x', d: 'x' }, ['a', 'd', 'e']).judge(10), 'equal');
  t.is(ballots({ d: 'x', e: 'x' }, ['a', 'd', 'e']).judge(10), 'open', 'those before are not heard');
});

test('a state is given up against either majority, unless those that are trusted have it', (t) => {
  t.is(ballots({ b: 'y', c: 'y' }, ['a']).judge(10), 'diverged');
  t.is(ballots({ b: 'y', c: 'y', d: 'x', e: 'x' }, ['a', 'd', 'e']).judge(10), 'diverged');
  t.is(ballots({ d: 'y', e: 'y' }, ['a', 'd', 'e']).judge(10), 'diverged');
  t.is(ballots({ b: 'x', d: 'y', e: 'y' }, ['a', 'd', 'e']).judge(10), 'undecided');
  t.is(ballots({ b: 'y', c: 'z' }, ['a']).judge(10), 'undecided');
  t.is(ballots({ b: 'y', c: 'z', d: 'y' }, ['a', 'd', 'e']).judge(10), 'open');
});

test('those that are gone are waited for, and then done without, but not by one node alone', (t) => {
  const isPatient = true;
  t.is(ballots({ d: 'x' }, ['a', 'd', 'e']).judge(10, isPatient), 'equal');
  t.is(
    ballots({ d: 'x', b: undefined }, ['a', 'd', 'e']).judge(10, isPatient),
    'equal',
    'who has no state says nothing',
  );
  t.is(ballots({ d: 'x', b: 'y' }, ['a', 'd', 'e']).judge(10, isPatient), 'open', 'one of them has another state');
  t.is(ballots({}, ['a']).judge(10, isPatient), 'open', 'alone');
  t.is(ballots({}, ['a', 'd', 'e']).judge(10, isPatient), 'open', 'no majority now');
  t.true(ballots({ d: 'x' }, ['a', 'd', 'e']).lacksTrusted(10));
  t.false(ballots({ b: 'x', d: 'x' }, ['a', 'd', 'e']).lacksTrusted(10));
  t.false(new Ballots('a').lacksTrusted(10));
});

test('everybody is asked, and unopposed is only who is contradicted by none of them', (t) => {
  t.deepEqual(ballots({}, ['a', 'd']).silent(10), ['d', 'b', 'c']);
  t.false(ballots({}, ['a']).isUnopposed(10));
  t.false(ballots({ b: undefined, c: 'y' }, ['a']).isUnopposed(10));
  t.true(ballots({ b: undefined, c: undefined }, ['a']).isUnopposed(10));
  t.is(ballots({ b: 'y', d: 'z' }, ['a', 'd']).views(10), 3);
});
