import type { AnyLogEntry, AppendLeadership, DecorationHost, RoundNum } from '@paxakos/core/contracts';

/** How far ahead a check point is announced: far enough that nobody has applied its round before the news is there. */
const aheadMin = 2;
const aheadMax = 64;

/** What an initiator is made of. */
export interface InitiatorParts {
  readonly host: DecorationHost;
  /** Announces a check point to everybody, this node included. Gives whether it could. */
  readonly announce: (round: RoundNum) => boolean;
  /** The application's entry to append; `undefined` for a no-op. */
  readonly entry: () => AnyLogEntry | undefined;
}

/** Makes a check point where none is due by rounds: announces one that is near, and appends until it is there. */
export class Initiator {
  readonly #parts: InitiatorParts;
  #ahead = aheadMin;
  #isBusy = false;

  constructor(parts: InitiatorParts) {
    this.#parts = parts;
  }

  /** Tells whether the last announcement came in time for a majority. */
  heeded(isSo: boolean): void {
    this.#ahead = isSo ? Math.max(aheadMin, Math.floor(this.#ahead / 2)) : Math.min(this.#ahead * 2, aheadMax);
  }

  /** Resolves when the check point has been reached, or cannot be. */
  async initiate(leadership: AppendLeadership): Promise<void> {
    const { host, announce } = this.#parts;
    const { node, signal } = host;
    if (this.#isBusy || signal.aborted) return;
    const ahead = this.#ahead;
    if (!announce(Math.max(node.committed, node.round) + ahead)) return;
    this.#isBusy = true;
    try {
      // What others append meanwhile brings it nearer, too.
      const appends = Array.from({ length: ahead }, (_, index) => this.#append(index === 0, leadership));
      await Promise.allSettled(appends);
    } finally {
      this.#isBusy = false;
    }
  }

  async #append(isFirst: boolean, leadership: AppendLeadership): Promise<void> {
    const { host, entry } = this.#parts;
    const options = { leadership, retry: () => undefined };
    const own = isFirst ? this.#own(entry) : undefined;
    if (own === undefined) await host.appendNoop(options);
    else await host.node.append(own, options);
  }

  #own(entry: () => AnyLogEntry | undefined): AnyLogEntry | undefined {
    try {
      return entry();
    } catch (error) {
      this.#parts.host.reportError('entry', error);
      return undefined;
    }
  }
}
