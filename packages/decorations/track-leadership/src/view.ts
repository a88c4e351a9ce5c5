import type { CoordNum, DecorationHost, NodeId, RoundNum } from '@paxakos/core/contracts';
import type { Leadership, LeadershipView } from './leadership.ts';
import { LeadershipRanges } from './leadership-ranges.ts';
import type { Membership } from './membership.ts';

/** What a view is made of. */
export interface ViewParts {
  readonly host: DecorationHost;
  readonly membership: Membership;
  readonly rangesMax: number;
  isSuspended(): boolean;
}

/** One view, told what is seen, that tells its listeners. */
export class View implements LeadershipView {
  readonly #parts: ViewParts;
  readonly #ranges: LeadershipRanges;
  readonly #listeners = new Set<(view: LeadershipView) => unknown>();
  readonly #reachOf: (node: NodeId) => RoundNum;
  #isChanged = false;
  #wasSuspended = true;
  #leaderBefore: NodeId | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#ranges = new LeadershipRanges(parts.rangesMax);
    this.#reachOf = (node) => parts.membership.reachOf(node);
  }

  get isSuspended(): boolean {
    return this.#parts.isSuspended();
  }

  get ranges(): readonly Leadership[] {
    return this.isSuspended ? [] : this.#ranges.list(this.#reachOf);
  }

  get leader(): NodeId | undefined {
    return this.leaderOf(Math.max(this.#parts.host.node.committed + 1, this.#ranges.lastFrom));
  }

  leaderOf(round: RoundNum): NodeId | undefined {
    return this.isSuspended ? undefined : this.#ranges.leaderOf(round, this.#reachOf);
  }

  onChange(listener: (view: LeadershipView) => void): () => void {
    // A listener of its own each time, so that the same function can be there twice and leave once.
    const own = (view: LeadershipView): unknown => listener(view);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  note(number: CoordNum, from: RoundNum, through: RoundNum, at: number | undefined): void {
    if (this.#ranges.note(number, from, through, at)) this.#isChanged = true;
  }

  end(number: CoordNum, through: RoundNum): void {
    if (this.#ranges.end(number, through)) this.#isChanged = true;
  }

  forgetThrough(round: RoundNum): void {
    this.#ranges.forgetThrough(round);
    this.#isChanged = true;
  }

  /** Tells the listeners, where anything has changed. */
  refresh(isChanged: boolean): void {
    const { isSuspended } = this;
    if (isSuspended && this.#wasSuspended) return;
    const { leader } = this;
    const isNews = isChanged || this.#isChanged || isSuspended !== this.#wasSuspended || leader !== this.#leaderBefore;
    this.#wasSuspended = isSuspended;
    this.#leaderBefore = leader;
    this.#isChanged = false;
    if (!isNews) return;
    for (const listener of Array.from(this.#listeners)) this.#call(listener);
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#listeners.clear();
  }

  #call(listener: (view: LeadershipView) => unknown): void {
    const { reportError } = this.#parts.host;
    const onError = (error: unknown): void => reportError('onChange', error);
    try {
      const result = listener(this);
      // An asynchronous listener is not waited for, and must not bring the process down.
      if (result instanceof Promise) result.then(undefined, onError);
    } catch (error) {
      onError(error);
    }
  }
}
