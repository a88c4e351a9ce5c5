import type { CommunicatorTrouble } from './communicator.ts';
import type { AnyLogEntry } from './log-entry.ts';
import type { CoordNum, NodeId, RoundNum, RoundRange } from './numbers.ts';
import type { Participation, Status } from './status.ts';

/** What happens in a node. Told apart by `type`. */
export type PaxakosEvent<E extends AnyLogEntry = AnyLogEntry, Change = unknown> =
  /** The node has started. */
  | { readonly type: 'init'; readonly status: Status; readonly round: RoundNum }
  /** The status changed. */
  | { readonly type: 'statusChange'; readonly from: Status; readonly to: Status }
  /** The participation changed. */
  | { readonly type: 'activate'; readonly participation: Participation }
  /** A snapshot was installed. */
  | { readonly type: 'install'; readonly round: RoundNum }
  /** A round is known here to be committed, by the leader with this number; not always in order, and not yet applied. */
  | { readonly type: 'commit'; readonly round: RoundNum; readonly number: CoordNum }
  /** An entry was applied; `entry` is undefined for an entry of the protocol's own. */
  | {
      readonly type: 'apply';
      readonly round: RoundNum;
      readonly entry: E | undefined;
      readonly outcome: unknown;
      readonly change: Change | undefined;
    }
  /** Committed rounds lie beyond these, which are not known to be committed. Empty when all gaps have closed. */
  | { readonly type: 'gaps'; readonly gaps: readonly RoundRange[] }
  /** A prepare, propose or commit was seen from a leader. */
  | {
      readonly type: 'directive';
      readonly kind: 'prepare' | 'accept' | 'commit';
      readonly leader: NodeId;
      readonly number: CoordNum;
      readonly rounds: RoundRange;
      readonly at: number;
    }
  /** The state was given up. */
  | { readonly type: 'eject'; readonly reason: unknown; readonly round: RoundNum }
  /** Peers no longer hold entries that this node lacks: it needs a snapshot. */
  | { readonly type: 'stranded'; readonly round: RoundNum; readonly retained: RoundNum }
  /** A hook of the application threw. */
  | { readonly type: 'hookError'; readonly hook: string; readonly error: unknown }
  /** The way to a peer is disturbed, or well again, or something from it was dropped or refused. Never fatal. */
  | { readonly type: 'trouble'; readonly trouble: CommunicatorTrouble }
  /** The node failed; it votes no more and acknowledges nothing. */
  | { readonly type: 'failure'; readonly error: unknown };

/** The event of one type. */
export type EventOfType<Event extends { readonly type: string }, Type extends Event['type']> = Extract<
  Event,
  { readonly type: Type }
>;
