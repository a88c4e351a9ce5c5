export type { Heartbeats, HeartbeatsOptions } from './heartbeats.ts';
export { heartbeats } from './heartbeats.ts';
export type { StateOption } from './state-option.ts';
