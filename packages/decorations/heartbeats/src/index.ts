export type { Heartbeats, HeartbeatsOptions } from './heartbeats.ts';
export { heartbeats } from './heartbeats.ts';
