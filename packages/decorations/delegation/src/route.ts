import {
  type AnyLogEntry,
  type AppendError,
  type CoordNum,
  DecorationAppendError,
  type DecorationHost,
  InvalidError,
  type NodeId,
} from '@paxakos/core/contracts';
import type { TrackLeadership } from '@paxakos/track-leadership';
import type { DelegateeContext } from './delegation-options.ts';

/** Where an append goes. */
export interface Destination {
  readonly peer: NodeId;
  /** Whether it was chosen as the leader. */
  readonly mustLead: boolean;
}

/** Says where appends go: to the leader, or where the application says. */
export class Route {
  readonly #host: DecorationHost;
  readonly #leadership: TrackLeadership;
  readonly #choose: ((context: DelegateeContext) => NodeId | undefined) | undefined;
  /** The greatest number that somebody asked for, and since when that is known. */
  #greatest: { readonly number: CoordNum | undefined; readonly at: number } = { number: undefined, at: 0 };

  constructor(
    host: DecorationHost,
    leadership: TrackLeadership,
    choose: ((context: DelegateeContext) => NodeId | undefined) | undefined,
  ) {
    this.#host = host;
    this.#leadership = leadership;
    this.#choose = choose;
    leadership.lax.onChange(({ ranges }) => {
      const number = ranges.at(-1)?.number;
      if (number !== this.#greatest.number) this.#greatest = { number, at: host.clock.now() };
    });
  }

  /** Whether every append goes to the layers below, without a question. */
  get isHere(): boolean {
    const { status } = this.#host.node;
    if (status === 'failed' || status === 'stopped') return true;
    return this.#choose === undefined && (status === 'leading' || this.leader === undefined);
  }

  /** Which other node leads, or seems to. */
  get leader(): NodeId | undefined {
    const { node } = this.#host;
    // What lags knows less, yet who asked for the greatest number.
    const leader = node.status === 'lagging' ? node.leader : this.#likely;
    return leader === node.id ? undefined : leader;
  }

  /**
   * Who asked for the greatest number. Where somebody else has had something placed since, that came to nothing so far: others may
   * keep to the one who leads already.
   */
  get #likely(): NodeId | undefined {
    const { lax, strict } = this.#leadership;
    if (lax.leader === strict.leader) return lax.leader;
    const last = strict.ranges.at(-1);
    return strict.leader !== undefined && (last?.lastDirectiveAt ?? 0) > this.#greatest.at ? strict.leader : lax.leader;
  }

  /** Calls `listener` whenever another node seems to lead. */
  onChange(listener: () => void): void {
    this.#leadership.lax.onChange(listener);
  }

  /** Where an append goes now; `undefined` for here. Throws a `DecorationAppendError` where the application does not say. */
  next(entry: AnyLogEntry, attempts: number, error: AppendError | undefined): Destination | undefined {
    const { leader } = this;
    if (this.isHere) return undefined;
    if (this.#choose === undefined) return leader === undefined ? undefined : { peer: leader, mustLead: true };
    const peer = this.#ask({ entry, leader, attempts, error });
    return peer === undefined || peer === this.#host.node.id ? undefined : { peer, mustLead: false };
  }

  #ask(context: DelegateeContext): NodeId | undefined {
    try {
      const peer: unknown = this.#choose?.(context);
      if (peer === undefined || (typeof peer === 'string' && peer !== '' && peer.length <= 255)) return peer;
      throw new InvalidError('delegatee', peer, 'give the id of a node, or undefined');
    } catch (error) {
      this.#host.reportError('delegatee', error);
      throw new DecorationAppendError('none', error);
    }
  }
}
