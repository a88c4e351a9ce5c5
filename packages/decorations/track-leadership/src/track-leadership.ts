import type {
  CoordNum,
  Decoration,
  DecorationHost,
  EventOfType,
  PaxakosEvent,
  RoundNum,
} from '@paxakos/core/contracts';
import { defineDecoration, InvalidError } from '@paxakos/core/contracts';
import type { LeadershipView, TrackLeadership } from './leadership.ts';
import { reachOf } from './leadership-ranges.ts';
import { View } from './view.ts';

/** How to track leadership. */
export interface TrackLeadershipOptions {
  /** How many ranges of rounds each view keeps, at most; the oldest are forgotten. From 1 to 65,536. Default: 64. */
  readonly rangesMax?: number;
}

const offView: LeadershipView = {
  isSuspended: true,
  ranges: [],
  leader: undefined,
  leaderOf: () => undefined,
  onChange: () => () => {},
};

/**
 * Infers who leads which rounds, from what reaches this node and what it does itself; it sends nothing. Gives
 * `node.trackLeadership`. Throws `InvalidError` where an option is not what it must be.
 */
export function trackLeadership(options: TrackLeadershipOptions = {}): Decoration<'trackLeadership', TrackLeadership> {
  const rangesMax = checkedRangesMax(options);
  return defineDecoration()({
    name: 'trackLeadership',
    stability: 'stable',
    inert: { lax: offView, strict: offView },
    install: (host): TrackLeadership => {
      const { lax, strict } = new Tracker(host, rangesMax);
      return { lax, strict };
    },
  });
}

function checkedRangesMax(options: TrackLeadershipOptions): number {
  for (const name of Object.keys(options)) {
    if (name !== 'rangesMax')
      throw new InvalidError(`trackLeadership: ${name}`, 'unknown', 'remove it; there is rangesMax');
  }
  const { rangesMax = 64 } = options;
  if (Number.isInteger(rangesMax) && rangesMax >= 1 && rangesMax <= 65_536) return rangesMax;
  throw new InvalidError('rangesMax', rangesMax, 'give an integer from 1 to 65,536');
}

/** Tells both views what is seen. */
class Tracker {
  readonly #host: DecorationHost;
  readonly lax: View;
  readonly strict: View;
  #isStarted = false;
  #isRefreshing = false;
  /** The number under which this node led last. */
  #own: CoordNum | undefined;

  constructor(host: DecorationHost, rangesMax: number) {
    this.#host = host;
    const parts = { host, rangesMax, isSuspended: () => this.#isSuspended };
    this.lax = new View(parts);
    this.strict = new View(parts);
    host.onEvent('init', () => {
      this.#isStarted = true;
      this.#refresh();
    });
    host.onEvent('install', ({ round }) => this.#onInstall(round));
    host.onEvent('statusChange', (event) => this.#onStatusChange(event));
    host.onEvent('directive', (event) => this.#onDirective(event));
    host.onEvent('commit', (event) => this.#onCommit(event));
    // Who governs the open rounds is known once all entries of this turn have been applied.
    host.onEvent('apply', () => this.#refreshSoon());
  }

  get #isSuspended(): boolean {
    const { status } = this.#host.node;
    return !this.#isStarted || (status !== 'following' && status !== 'leading');
  }

  #onInstall(round: RoundNum): void {
    this.lax.forgetThrough(round);
    this.strict.forgetThrough(round);
    this.#refresh();
  }

  #onStatusChange({ from, to }: EventOfType<PaxakosEvent, 'statusChange'>): void {
    const { clock, mandate, node } = this.#host;
    const own = this.#own;
    const number = mandate()?.number;
    if (to === 'leading' && number !== undefined) {
      this.#own = number;
      this.#note(number, node.committed + 1, node.committed, clock.now());
    } else if (from === 'leading' && own !== undefined) {
      for (const view of [this.lax, this.strict]) view.end(own, node.committed);
    }
    this.#refresh();
    if (to !== 'stopped') return;
    this.lax.close();
    this.strict.close();
  }

  #onDirective({ kind, leader, number, rounds, at }: EventOfType<PaxakosEvent, 'directive'>): void {
    // What is committed here was settled under whoever led then.
    const from = Math.max(rounds.from, this.#host.node.committed + 1);
    if (kind !== 'prepare') this.#note(number, from, rounds.to, at);
    // Whoever is no member any more may ask, but not lead.
    else if (reachOf(leader, this.#host.openRounds().clusters) >= from) this.lax.note(number, from, from - 1, at);
    this.#refresh();
  }

  #onCommit({ number, round }: EventOfType<PaxakosEvent, 'commit'>): void {
    const { clock, node } = this.#host;
    const isOwn = number.node === node.id && node.status === 'leading';
    if (isOwn) this.#own = number;
    this.#note(number, round, round, isOwn ? clock.now() : undefined);
    this.#refresh();
  }

  #note(number: CoordNum, from: RoundNum, through: RoundNum, at: number | undefined): void {
    this.lax.note(number, from, through, at);
    this.strict.note(number, from, through, at);
  }

  #refreshSoon(): void {
    if (this.#isRefreshing || !this.#isStarted) return;
    this.#isRefreshing = true;
    void Promise.resolve().then(() => {
      this.#isRefreshing = false;
      this.#refresh();
    });
  }

  #refresh(): void {
    if (!this.#isStarted) return;
    const { clusters } = this.#host.openRounds();
    this.lax.refresh(clusters);
    this.strict.refresh(clusters);
  }
}
