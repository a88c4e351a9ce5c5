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
import { Membership } from './membership.ts';
import { View } from './view.ts';

/** How to track leadership. */
export interface TrackLeadershipOptions {
  /** How many ranges of rounds each view keeps, at most; the oldest are forgotten. From 1 to 65,536. Default: 64. */
  readonly rangesMax?: number;
}

/** The window of a state that names none. */
const concurrencyDefault = 1_024;

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
  readonly #membership = new Membership();
  readonly lax: View;
  readonly strict: View;
  #isStarted = false;
  /** The number of this node's last bid, and the first round that it was for. */
  #own: { readonly number: CoordNum; readonly from: RoundNum } | undefined;

  constructor(host: DecorationHost, rangesMax: number) {
    this.#host = host;
    const parts = { host, membership: this.#membership, rangesMax, isSuspended: () => this.#isSuspended };
    this.lax = new View(parts);
    this.strict = new View(parts);
    host.onEvent('init', ({ round }) => this.#begin(round));
    host.onEvent('install', ({ round }) => this.#onInstall(round));
    host.onEvent('statusChange', (event) => this.#onStatusChange(event));
    host.onEvent('directive', (event) => this.#onDirective(event));
    host.onEvent('commit', (event) => this.#onCommit(event));
    host.onEvent('apply', ({ round }) => this.#onApply(round));
    // Only here does a node hear of its own bids.
    host.aroundVoter((next) => ({
      contemplateCandidate: (candidacy) => {
        if (candidacy.candidate === host.node.id) this.#onBid(candidacy.number, candidacy.round);
        return next.contemplateCandidate(candidacy);
      },
    }));
  }

  get #isSuspended(): boolean {
    const { status } = this.#host.node;
    return !this.#isStarted || (status !== 'following' && status !== 'leading');
  }

  #begin(round: RoundNum): void {
    this.#isStarted = true;
    this.#membership.begin(round, this.#host.node.cluster, this.#concurrency());
    this.#refresh(true);
  }

  #onInstall(round: RoundNum): void {
    this.lax.forgetThrough(round);
    this.strict.forgetThrough(round);
    // Before the start, as from a snapshot to recover from, `init` comes after.
    if (this.#isStarted) this.#begin(round);
  }

  #onStatusChange({ from, to }: EventOfType<PaxakosEvent, 'statusChange'>): void {
    const { clock, node } = this.#host;
    const own = this.#own;
    if (own !== undefined && to === 'leading') {
      const first = Math.max(own.from, node.committed + 1);
      for (const view of [this.lax, this.strict]) view.note(own.number, first, first - 1, clock.now());
    } else if (own !== undefined && from === 'leading') {
      for (const view of [this.lax, this.strict]) view.end(own.number, node.committed);
    }
    if (this.#isStarted) this.#refresh(false);
    if (to !== 'stopped') return;
    this.lax.close();
    this.strict.close();
  }

  #onBid(number: CoordNum, round: RoundNum): void {
    this.#own = { number, from: round };
    this.lax.note(number, round, round - 1, undefined);
  }

  #onDirective({ kind, leader, number, rounds, at }: EventOfType<PaxakosEvent, 'directive'>): void {
    // What is committed here was settled under whoever led then.
    const from = Math.max(rounds.from, this.#host.node.committed + 1);
    if (kind !== 'prepare') {
      this.lax.note(number, from, rounds.to, at);
      this.strict.note(number, from, rounds.to, at);
    } else if (this.#membership.reachOf(leader) >= from) {
      // Whoever is no member any more may ask, but not lead.
      this.lax.note(number, from, from - 1, at);
    }
    this.#refresh(false);
  }

  #onCommit({ number, round }: EventOfType<PaxakosEvent, 'commit'>): void {
    const at = number.node === this.#host.node.id ? this.#host.clock.now() : undefined;
    this.lax.note(number, round, round, at);
    this.strict.note(number, round, round, at);
    this.#refresh(false);
  }

  #onApply(round: RoundNum): void {
    if (!this.#isStarted) return;
    const { cluster } = this.#host.node;
    // A node gives the same array until the state names something else.
    if (cluster !== this.#membership.named) this.#membership.change(cluster, this.#concurrency());
    this.#refresh(this.#membership.applied(round));
  }

  #concurrency(): number {
    let concurrency = concurrencyDefault;
    const read = (state: unknown): void => {
      concurrency = (state as { concurrency?(): number }).concurrency?.() ?? concurrencyDefault;
    };
    // Where there is no state, what comes next is a snapshot, and with it another beginning.
    this.#host.node.read(read, { consistency: 'stale' }).catch(() => {});
    return concurrency;
  }

  #refresh(isChanged: boolean): void {
    this.lax.refresh(isChanged);
    this.strict.refresh(isChanged);
  }
}
