export { DecoratedCluster, type DecoratedClusterOptions, type DecoratedNode } from './decorated-cluster.ts';
export { freshId } from './fresh-id.ts';
export { noteEvents } from './note-events.ts';
export { type Life, RunningCluster, type RunningClusterOptions } from './running-cluster.ts';
export { seeded } from './seeded.ts';
export { settle } from './settle.ts';
export { type DueTimer, SteppedTime } from './stepped-time.ts';
export { type NodeClock, TestClock } from './test-clock.ts';
export { TestDisk } from './test-disk.ts';
export {
  add,
  type FrozenTestState,
  set,
  setMembers,
  type TestEntry,
  TestState,
  testStates,
} from './test-state.ts';
