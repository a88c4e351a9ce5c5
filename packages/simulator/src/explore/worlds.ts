import type { Message } from '@paxakos/core/contracts';
import type { World } from './world.ts';

/** What only says that something is known better, and what asks for entries that were missed, and gives them. */
const talk: readonly Message['type'][] = ['supplanted', 'converged', 'progress', 'inquire', 'meet'];
const repair: readonly Message['type'][] = [...talk, 'fetch', 'entries', 'founded'];

/** Each world shows one kind of trouble, with as little else as possible. */
export const worlds: readonly World[] = [
  { name: 'duel', founders: 'abc', concurrency: 1, appends: { a: ['x'], b: ['y'] }, lost: repair },
  {
    name: 'challenge',
    founders: 'abc',
    concurrency: 2,
    before: [['a', 'w']],
    appends: { a: ['x', 'z'], b: ['y'] },
    lost: repair,
  },
  {
    name: 'refusals',
    founders: 'abc',
    concurrency: 1,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    lost: repair.filter((type) => type !== 'supplanted'),
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
  },
  {
    name: 'crash of a leader',
    founders: 'abc',
    concurrency: 1,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    frail: 'a',
    slow: 'a',
    lost: repair,
  },
  {
    name: 'crash of a voter',
    founders: 'abc',
    concurrency: 1,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    frail: 'c',
    slow: 'c',
    lost: repair,
  },
  {
    name: 'snapshot',
    founders: 'abc',
    concurrency: 2,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    crashes: 1,
    snapshots: 1,
    frail: 'c',
    slow: 'c',
    lost: repair,
  },
  {
    name: 'timers',
    founders: 'abc',
    concurrency: 1,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    wakes: 3,
    lost: repair,
  },
  {
    name: 'membership',
    founders: 'abc',
    newcomers: 'd',
    concurrency: 2,
    before: [['a', 'w']],
    appends: { a: ['~cd', 'x'], b: ['y'] },
    lost: repair,
  },
  {
    name: 'lost memory',
    founders: 'abc',
    concurrency: 1,
    before: [['a', 'w']],
    appends: { a: ['x'], b: ['y'] },
    losses: 1,
    frail: 'c',
    lost: talk,
  },
];
