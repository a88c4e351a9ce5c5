import type { Message, NodeId } from '@paxakos/core/contracts';
import {
  accepts,
  acceptsBelow,
  bidsAgain,
  commits,
  crashes,
  forgets,
  leadsAcross,
  leadsUpTo,
  promises,
  proposes,
  refuses,
  repeats,
  turns,
} from './sight.ts';
import type { OpeningStep, World } from './world.ts';

/** What only says that something is known better, and what asks for entries that were missed, and gives them. */
const talk: readonly Message['type'][] = ['supplanted', 'converged', 'progress', 'inquire', 'meet'];
const repair: readonly Message['type'][] = [...talk, 'fetch', 'entries', 'founded'];

function without(types: readonly Message['type'][], ...kept: readonly Message['type'][]): readonly Message['type'][] {
  return types.filter((type) => !kept.includes(type));
}

function append(at: NodeId, texts: string, reaches?: string): OpeningStep {
  return { at, does: 'append', texts, ...(reaches === undefined ? {} : { reaches }) };
}

/** A node loses its memory, hears what there is to know, and has just asked for its place in the log. */
function reborn(at: NodeId): readonly OpeningStep[] {
  return [
    { at, does: 'lose' },
    { at, does: 'wake' },
    { at, does: 'wake', reaches: at },
  ];
}

/** Each world shows one kind of trouble, with as little else as possible. */
export const worlds: readonly World[] = [
  {
    name: 'duel',
    founders: 'abc',
    concurrency: 1,
    appends: { a: ['x'], b: ['y'] },
    lost: repair,
    meets: [turns('c'), proposes('b', 'x')],
  },
  {
    name: 'challenge',
    founders: 'abc',
    concurrency: 2,
    before: [append('a', 'w')],
    appends: { a: ['x', 'z'], b: ['y'] },
    lost: repair,
    meets: [turns('c'), proposes('b', 'x')],
  },
  {
    name: 'refusals',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w')],
    appends: { a: ['x'], b: ['y'] },
    lost: without(repair, 'supplanted'),
    meets: [refuses()],
  },
  {
    name: 'crash of a candidate',
    founders: 'abc',
    concurrency: 1,
    appends: { a: ['x', 'z'] },
    crashes: 1,
    frail: 'a',
    slow: 'a',
    lost: repair,
    meets: [crashes('a', 'log'), bidsAgain('a')],
  },
  {
    name: 'crash of a leader',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w')],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    frail: 'a',
    slow: 'a',
    lost: repair,
    meets: [crashes('a', 'log'), proposes('b', 'x')],
  },
  {
    name: 'crash of a voter',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w')],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    frail: 'c',
    slow: 'c',
    lost: repair,
    meets: [crashes('c', 'log'), turns('c')],
  },
  {
    name: 'snapshot',
    founders: 'abc',
    concurrency: 2,
    before: [append('a', 'w')],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    snapshots: 1,
    frail: 'c',
    slow: 'c',
    lost: repair,
    meets: [crashes('c', 'snapshot'), turns('c')],
  },
  {
    name: 'timers',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w')],
    appends: { a: ['x'], b: ['y'] },
    wakes: 3,
    lost: repair,
    meets: [repeats('a'), bidsAgain('a')],
  },
  // The newcomer is in the log, and gets its votes with the change.
  {
    name: 'membership',
    founders: 'abc',
    newcomers: 'd',
    concurrency: 2,
    before: [append('a', 'w'), { at: 'd', does: 'start' }, { at: 'd', does: 'wake' }],
    appends: { a: ['~cd', 'x'], b: ['y'] },
    lost: without(repair, 'fetch', 'entries'),
    meets: [
      promises('d1'),
      accepts('d1'),
      leadsUpTo('b', 'c', 'd'),
      leadsAcross('a', 'c', 'd'),
      leadsAcross('b', 'c', 'd'),
    ],
  },
  // The memory is lost at any time. The rejoin is of the leader from before, so nobody else need append under its number.
  {
    name: 'lost memory',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w')],
    appends: { b: ['y'] },
    losses: 1,
    frail: 'c',
    wakes: 1,
    wakers: 'c',
    lost: without(repair, 'fetch', 'entries', 'founded'),
    meets: [forgets('c'), commits('rejoin c c2 c1'), promises('c2'), accepts('c2')],
  },
  // It was lost after it promised b a number; that promise is on its way, and so is the rejoin, which the leader before b appends.
  {
    name: 'old promise',
    founders: 'abc',
    concurrency: 1,
    before: [append('a', 'w'), append('b', 'y', 'c'), ...reborn('c')],
    appends: { a: ['x'] },
    lost: without(repair, 'fetch', 'entries'),
    meets: [commits('rejoin c c2 c1'), promises('c2'), accepts('c2'), acceptsBelow('c2', 'c1')],
  },
  // It was lost after it accepted, which is on its way; the new memory votes only where the window next reaches.
  {
    name: 'rejoin',
    founders: 'abc',
    concurrency: 2,
    before: [append('a', 'w'), append('a', 'v', 'c'), ...reborn('c')],
    appends: { a: ['x'], b: ['y'] },
    lost: without(repair, 'fetch', 'entries'),
    meets: [commits('rejoin c c2 c1'), promises('c2'), accepts('c2')],
  },
];
