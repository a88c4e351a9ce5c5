// Goal: each check of what was said and done by all nodes can fail. Method: facts that must not stand beside one another.
import type { Message } from '@paxakos/core/contracts';
import test from 'ava';
import { entryOf } from '../../src/explore/entry-of.ts';
import type { Fact } from '../../src/explore/fact.ts';
import { FactBook } from '../../src/explore/fact-book.ts';
import { Ledger } from '../../src/explore/ledger.ts';
import { LedgerChecks } from '../../src/explore/ledger-checks.ts';
import type { World } from '../../src/explore/world.ts';

const world: World = { name: 'test', founders: 'abc', concurrency: 2, appends: {}, lost: [], meets: [] };
const numbers = { a: { counter: 1, node: 'a', incarnation: 'a1' }, b: { counter: 2, node: 'b', incarnation: 'b1' } };

const sent = (from: string, message: Message): Fact => ({ type: 'sent', from, to: 'abc', message });
const accepted = (node: string, round: number, text: string, number: string, incarnation = `${node}1`): Fact => {
  return { type: 'accepted', node, incarnation, number, round, text };
};
const promise = (incarnation: string, number: keyof typeof numbers, from = 1): Fact =>
  sent(incarnation, {
    type: 'promise',
    number: numbers[number],
    incarnation,
    from,
    through: Number.MAX_SAFE_INTEGER,
    accepted: [],
    committed: 0,
  });
const propose = (number: keyof typeof numbers, from: number, text: string): Fact =>
  sent(number, { type: 'propose', number: numbers[number], from, entries: [entryOf(text)] });
const known = (round: number, text: string): Fact => ({ type: 'known', round, text });

/** What is said against the last of these facts; each before it must be fine. */
function objection(facts: readonly Fact[]): string {
  const book = new FactBook();
  const ledger = new Ledger(book, new LedgerChecks(world, book));
  let set = 0;
  for (const fact of facts.slice(0, -1)) set = ledger.with(set, [book.note(fact).index]);
  try {
    ledger.with(set, [book.note(facts.at(-1) as Fact).index]);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

const promises = [promise('a1', 'a'), promise('b1', 'a')];
const chosenX = [accepted('a', 1, 'x', '1.a1'), accepted('b', 1, 'x', '1.a1')];

const cases: readonly (readonly [string, readonly Fact[], RegExp])[] = [
  ['a run without fault passes', [...promises, propose('a', 1, 'x'), ...chosenX, known(1, 'x')], /^none$/],
  ['P6 nothing is committed without a majority', [accepted('a', 1, 'x', '1.a1'), known(1, 'x')], /^P6/],
  [
    'P6 acceptances of different numbers do not add up',
    [accepted('a', 1, 'x', '1.a1'), accepted('b', 1, 'x', '2.b1'), known(1, 'x')],
    /^P6/,
  ],
  [
    'P10 an acceptance of a memory that the log does not name does not count',
    [accepted('a', 1, 'x', '1.a1'), accepted('b', 1, 'x', '1.a1', 'b2'), known(1, 'x')],
    /^P6/,
  ],
  [
    'agreement: two entries are not chosen in one round',
    [...chosenX, accepted('b', 1, 'y', '2.b1'), accepted('c', 1, 'y', '2.b1')],
    /^agreement/,
  ],
  ['agreement: two entries are not committed in one round', [...chosenX, known(1, 'x'), known(1, 'y')], /^agreement/],
  ['P4 a number stands for one entry in a round', [...promises, propose('a', 1, 'x'), propose('a', 1, 'y')], /^P4/],
  ['P5 nothing is proposed without the promises of a majority', [promise('a1', 'a'), propose('a', 1, 'x')], /^P5/],
  [
    'P5 a promise from a later round on does not count before',
    [promise('a1', 'a'), promise('b1', 'a', 2), propose('a', 1, 'x')],
    /^P5/,
  ],
  ['P9 nothing is proposed beyond the window', [...promises, propose('a', 3, 'x')], /^P9/],
  ['H53 what was said never to be is not chosen', [{ type: 'denied', text: 'x' }, ...chosenX], /^H53/],
  ['H53 what is committed is not said never to be', [...chosenX, known(1, 'x'), { type: 'denied', text: 'x' }], /^H53/],
];

for (const [title, facts, expected] of cases) test(title, (t) => t.regex(objection(facts), expected));

test('P9 the members that the log names govern from where the window then ends', (t) => {
  const change = [accepted('a', 1, '~cd', '1.a1'), accepted('b', 1, '~cd', '1.a1'), known(1, '~cd')];
  const rejoin = 'rejoin d d1 -';
  const asked = [accepted('a', 2, rejoin, '1.a1'), accepted('b', 2, rejoin, '1.a1'), known(2, rejoin)];
  const votes = (...nodes: string[]): Fact[] => nodes.map((node) => accepted(node, 4, 'x', '1.a1'));
  t.regex(objection([...change, ...asked, ...votes('a', 'c'), known(4, 'x')]), /^P6/, 'c has gone');
  t.is(objection([...change, ...asked, ...votes('a', 'd'), known(4, 'x')]), 'none');
});
