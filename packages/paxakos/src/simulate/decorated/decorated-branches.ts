import { branches } from '@paxakos/simulator';

/** What only an operator does. */
const manual: readonly string[] = ['a snapshot is asked for in need'];

/** What the decorations do, each of which a campaign with all of them must have met. */
const ofDecorations: readonly string[] = [
  'read: lease',
  'read: laxLease',
  'a lease read is served',
  'a lease read is refused',
  'a lease is taken',
  'a lease is lost',
  'a lease is cleared',
  'a resource is used under a lease',
  'a snapshot is caught up',
  'an append is delegated',
  'an append of another node is worked on',
  'a gap is filled',
  'a heartbeat',
  'a node finds itself cut off',
  'a leader is ensured',
  'states are compared',
];

/** Every branch, and every fault, that a campaign with all ten decorations must have met. */
export const decoratedBranches: readonly string[] = [
  ...branches.filter((branch) => !manual.includes(branch)),
  ...ofDecorations,
];
