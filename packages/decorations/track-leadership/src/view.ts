import type { CoordNum, DecorationHost, GoverningCluster, NodeId, RoundNum } from '@paxakos/core/contracts';
import type { Leadership, LeadershipView } from './leadership.ts';
import { LeadershipRanges } from './leadership-ranges.ts';

/** What a view is made of. */
export interface ViewParts {
  readonly host: DecorationHost;
  readonly rangesMax: number;
  isSuspended(): boolean;
}

/** One view, told what is seen, that tells its listeners. */
export class View implements LeadershipView {
  readonly #parts: ViewParts;
  readonly #ranges: LeadershipRanges;
  readonly #listeners = new Set<(view: LeadershipView) => unknown>();
  #isChanged = false;
  #wasSuspended = true;
  #leaderBefore: NodeId | undefined;
  #endBefore: RoundNum = 0;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#ranges = new LeadershipRanges(parts.rangesMax);
  }

  get isSuspended(): boolean {
    return this.#parts.isSuspended();
  }

  get ranges(): readonly Leadership[] {
    return this.isSuspended ? [] : this.#ranges.list(this.#clusters());
  }

  get leader(): NodeId | undefined {
    return this.leaderOf(this.#nextRound);
  }

  get #nextRound(): RoundNum {
    return Math.max(this.#parts.host.node.committed + 1, this.#ranges.lastFrom);
  }

  leaderOf(round: RoundNum): NodeId | undefined {
    return this.isSuspended ? undefined : this.#ranges.leaderOf(round, this.#clusters());
  }

  /** Who governs the open rounds now. */
  #clusters(): readonly GoverningCluster[] {
    const { clusters } = this.#parts.host.openRounds();
    this.#forgetVoid(clusters);
    return clusters;
  }

  #forgetVoid(clusters: readonly GoverningCluster[]): void {
    if (this.#ranges.forgetVoid(clusters)) this.#isChanged = true;
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
  refresh(clusters: readonly GoverningCluster[]): void {
    const { isSuspended } = this;
    if (isSuspended && this.#wasSuspended) return;
    this.#forgetVoid(clusters);
    const leader = isSuspended ? undefined : this.#ranges.leaderOf(this.#nextRound, clusters);
    const end = this.#ranges.lastEnd(clusters);
    const hasMoved = leader !== this.#leaderBefore || end !== this.#endBefore;
    const isNews = this.#isChanged || isSuspended !== this.#wasSuspended || hasMoved;
    this.#wasSuspended = isSuspended;
    this.#leaderBefore = leader;
    this.#endBefore = end;
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
