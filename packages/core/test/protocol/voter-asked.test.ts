// When the application's voter is asked about a candidate: at the very promise, and again unless it was promised before.
import test from 'ava';
import type { Candidacy, CoordNum, Message } from '../../src/contracts/index.ts';
import { entryOf, willingVoter } from './support/entries.ts';
import { World } from './support/world.ts';

const number = (counter: number, node: string): CoordNum => ({ counter, node, incarnation: `${node}1` });
const prepare = (by: CoordNum, from: number): Message => ({ type: 'prepare', number: by, from });

/** A world whose node b has a voter that can change its mind. */
function worldOf(): { readonly world: World; readonly asked: Candidacy[]; readonly mind: { willing: boolean } } {
  const asked: Candidacy[] = [];
  const mind = { willing: true };
  const voter = {
    ...willingVoter,
    contemplateCandidate(candidacy: Candidacy) {
      asked.push(candidacy);
      return { vote: mind.willing ? 'yea' : 'abstain', data: new Uint8Array() } as const;
    },
  };
  const world = World.founded({ founders: 'abc', settings: (id) => (id === 'b' ? { voter } : {}) });
  return { world, asked, mind };
}

test('accepting a proposal is no promise: the voter is asked before it', (t) => {
  const { world, asked, mind } = worldOf();
  const votes = world.watch('b → c: promise');
  const abstentions = world.watch('b → c: abstention');
  world.forge('c', 'b', { type: 'propose', number: number(5, 'c'), from: 1, entries: [entryOf('x')] });
  mind.willing = false;
  world.forge('c', 'b', prepare(number(5, 'c'), 2));
  t.is(asked.length, 1);
  t.is(votes(), 0);
  t.is(abstentions(), 1);
  mind.willing = true;
  world.forge('c', 'b', prepare(number(5, 'c'), 2));
  t.is(votes(), 1);
});

test('a candidate that was promised is promised again without the voter', (t) => {
  const { world, asked, mind } = worldOf();
  const votes = world.watch('b → c: promise');
  world.forge('c', 'b', prepare(number(5, 'c'), 1));
  mind.willing = false;
  world.forge('c', 'b', prepare(number(5, 'c'), 1));
  world.forge('c', 'b', prepare(number(5, 'c'), 3));
  t.is(votes(), 3);
  t.is(asked.length, 1);
});

test('H20 a vote that comes late is not taken for the answer to a later request', (t) => {
  const world = World.founded({ founders: 'abc', concurrency: 1, settings: () => ({ votesWanted: () => true }) });
  const late: Message[] = [];
  world.onMessage = ({ from, message }) => {
    if (from.id === 'b' && message.type === 'acceptance') late.push(message);
  };
  world.loses = (from) => from === 'b';
  const openedAt = world.now;
  world.append('a', 'x');
  world.runFor(5_000);
  world.onMessage = () => {};
  world.loses = () => false;
  const prepares = world.watch('a → b: prepare');
  world.append('a', '-c');
  world.runFor(1_000);
  t.true(prepares() > 0, 'b has been asked for more since');
  const before = world.events.length;
  for (const message of late) world.forge('b', 'a', message);
  const votes = world.events.slice(before).flatMap(([, event]) => (event.type === 'vote' ? [event] : []));
  t.true(votes.length > 0);
  t.true(votes.every(({ requestedAt }) => requestedAt <= openedAt));
});

test('a candidate asks its own voter when it comes to its own promise, not when it begins', (t) => {
  const { world, asked, mind } = worldOf();
  world.partition('b', 'ac');
  const [key] = world.append('b', 'x');
  world.runFor(100);
  t.is(asked.length, 0);
  mind.willing = false;
  world.partition('ab', 'c');
  world.runFor(100);
  t.like(asked[0], { candidate: 'b', leader: undefined, number: { counter: 1 } });
  t.is(world.roundOf(key), undefined);
  t.is(world.node('b').live.kernel.acceptor.promised, undefined, 'a and b are a majority, but b abstains');
  world.heal();
  world.runFor(500);
  t.is(world.roundOf(key), 1, 'a and c are one, too');
});

test("a candidate's own voter that abstains is asked again during the bid", (t) => {
  const { world, asked, mind } = worldOf();
  world.partition('ab', 'c');
  mind.willing = false;
  const [key] = world.append('b', 'x');
  world.runFor(400);
  t.true(asked.length >= 2 && asked.length <= 4, `${asked.length} times`);
  t.is(world.roundOf(key), undefined);
  mind.willing = true;
  world.runFor(160);
  t.is(world.roundOf(key), 1);
});
