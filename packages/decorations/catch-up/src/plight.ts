import type { DecorationHost, RoundNum } from '@paxakos/core/contracts';

/** Whether a node needs a snapshot: it has no state, peers lack the entries that it lacks, or it lags and gets no further. */
export class Plight {
  readonly #host: DecorationHost;
  readonly #stalledMs: () => number;
  #listener = (): void => {};
  /** A round that no peer has the entry of, and the first one that some peer has. */
  #stranded: { readonly round: RoundNum; readonly retained: RoundNum } | undefined;
  #stalledIn: RoundNum | undefined;
  #lagging: { readonly round: RoundNum; readonly since: number } | undefined;

  constructor(host: DecorationHost, stalledMs: () => number) {
    this.#host = host;
    this.#stalledMs = stalledMs;
    host.onEvent('stranded', ({ round, retained }) => {
      this.#stranded = { round, retained };
      this.#listener();
    });
    host.onEvent('statusChange', () => this.#listener());
  }

  /** Calls `listener` when the node may have come to need a snapshot. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** The round after which a snapshot must stand to be of use; `undefined` where none is needed. */
  get needed(): RoundNum | undefined {
    const { round, status } = this.#host.node;
    if (status === 'disoriented') return 0;
    if (status !== 'lagging') return undefined;
    if (this.#stranded !== undefined && round < this.#stranded.round)
      return Math.max(round + 1, this.#stranded.retained - 1);
    return this.#stalledIn === round ? round + 1 : undefined;
  }

  /** Looks whether the node lags and has got no further for a while. */
  check(): void {
    const { clock, node } = this.#host;
    const { round, status } = node;
    if (status !== 'lagging') this.#lagging = undefined;
    else if (this.#lagging?.round !== round) this.#lagging = { round, since: clock.now() };
    else if (clock.now() >= this.#lagging.since + this.#stalledMs()) this.#stalledIn = round;
  }
}
