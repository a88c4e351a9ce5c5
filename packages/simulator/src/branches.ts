/** Every kind of message of the protocol proper. */
const messages: readonly string[] =
  'prepare promise supplanted converged abstention propose acceptance rejection commit entries fetch progress inquire meet founded rejoin'.split(
    ' ',
  );

/** Every kind of fault. */
const faults: readonly string[] =
  'weather cut pause crash blackout forget stop admit dismiss window snapshot eject clockRate clockJump diskFull diskHung diskSlow failSync failWrite flip replay dissent'.split(
    ' ',
  );

/** Every way in which an append fails that needs no decoration. */
const failures: readonly string[] =
  'CONVERGED LOST RAILROADED NO_QUORUM UNACCEPTABLE PASSIVE DISORIENTED EXILED OVERLOADED ABORTED SHUT_DOWN'.split(' ');

/** Every branch of the protocol, and every fault, that a campaign of the testbed must have met. */
export const branches: readonly string[] = [
  ...messages.map((type) => `message: ${type}`),
  ...faults.map((kind) => `fault: ${kind}`),
  ...failures.map((code) => `append: PAXAKOS_${code}`),
  'a promise reports accepted proposals',
  'a promise comes in parts',
  'a mandate is extended to another cluster',
  'a proposal is sent again',
  'a proposal of another leader is proposed again',
  'a run of several rounds',
  'a no-op fills a round',
  'a rejoin is accepted',
  'a membership change is applied',
  'a window change is applied',
  'a founder is bound',
  'read: linearizable',
  'an append in doubt',
  'a snapshot is stored',
  'a snapshot is restored',
  'a snapshot is installed',
  'a snapshot is asked for in need',
  'history is served from the storage',
  'a node resumes',
  'a node recovers',
  'a node joins',
  'a crash within a change to the disk',
  'a crash takes what was not synced',
  'a call finds the disk full',
  'a call hangs',
  'a sync fails',
  'a write fails',
  'a torn tail is cut off',
  'a flipped bit is read',
  'a damaged disk is refused',
  'a node fails',
  'a node is stranded',
  'a gap',
  'partially active',
  'a cluster of one',
  'a message is sent in parts',
];
