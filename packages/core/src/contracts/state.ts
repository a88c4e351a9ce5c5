import type { AnyLogEntry, OutcomeOf } from './log-entry.ts';
import type { NodeInfo } from './node-info.ts';
import type { RoundNum } from './numbers.ts';

/** What an application is told while one of its entries is applied. */
export interface ApplyContext<Change = unknown> {
  /** The round of the entry. */
  readonly round: RoundNum;
  /** Says what changed; the `apply` event carries the last value said. Optional. */
  change(this: void, change: Change): void;
}

/**
 * The replicated state machine.
 *
 * Every node calls `apply` with the same entries in the same order, each round once (rule P12). `apply` must be
 * deterministic: no clock, no randomness, no I/O, no order that the language leaves open.
 */
export interface State<E extends AnyLogEntry, Frozen = unknown, Change = unknown> {
  /** Applies one entry and gives its outcome. If it throws, the node ejects its state and is disoriented. */
  apply(entry: E, context: ApplyContext<Change>): OutcomeOf<E>;
  /** The members as of now. They govern from where the window then ends (rule P9). */
  cluster(): readonly NodeInfo[];
  /** How many rounds may be open at once, as of now: an integer from 1 to 65,536. Default: 1,024. */
  concurrency?(): number;
  /** The whole state as a value that the node's codec encodes. It must not change afterwards. */
  freeze(): Frozen;
}

/** Makes states: a new one for a new cluster, or one from what `freeze` gave. */
export interface StateFactory<S, Frozen = unknown> {
  create(): S;
  thaw(frozen: Frozen): S;
}

/** One handler for each type of entry, each giving that entry's own outcome. */
export type ApplyHandlers<E extends AnyLogEntry, Change = unknown> = {
  readonly [Type in E['type']]: (
    entry: Extract<E, { readonly type: Type }>,
    context: ApplyContext<Change>,
  ) => OutcomeOf<Extract<E, { readonly type: Type }>>;
};
