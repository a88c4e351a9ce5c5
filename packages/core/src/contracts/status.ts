import type { RoundNum } from './numbers.ts';

/**
 * `disoriented`: no state. `following`: level with what it has heard. `lagging`: knows of committed rounds that it lacks.
 * `leading`: holds a mandate. `failed`: storage is poisoned, a hook or an invariant failed; see `failure`. `stopped`: after `stop()`.
 */
export type Status = 'disoriented' | 'following' | 'lagging' | 'leading' | 'failed' | 'stopped';

/** Whether the node votes (rule P10): in no round, in rounds from `from` on, or in every round. */
export type Participation =
  | { readonly type: 'passive' }
  | { readonly type: 'partiallyActive'; readonly from: RoundNum }
  | { readonly type: 'active' };
