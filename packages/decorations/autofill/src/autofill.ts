import type { Decoration, DecorationHost, DueTimer, OfState, RoundNum, RoundRange } from '@paxakos/core/contracts';
import { defineDecoration, InvalidError } from '@paxakos/core/contracts';
import { checkedMs, checkedMsOption } from './checked-ms.ts';
import { lastingRounds } from './lasting-rounds.ts';

/** How to fill gaps. */
export interface AutofillOptions<S = unknown> {
  /** Milliseconds that a gap is left to close by itself, or what gives them from the state. Default: 500. */
  readonly delayMs?: OfState<S>;
  /** How many rounds a leader fills at once, from 1 to 65,536. Default: 1,024. */
  readonly batchRounds?: number;
  /**
   * A node that does not lead does this. `'check'` asks the others for the entries, and leaves the gap open if they do not have
   * them. `'acquire'` bids for leadership and fills the gap. Default: `'check'`.
   */
  readonly leadership?: 'check' | 'acquire';
}

/** What `node.autofill` is. */
export interface Autofill {
  /** How many rounds this node has filled with no-ops. */
  readonly filled: number;
}

const delayMsDefault = 500;
const names: readonly string[] = ['delayMs', 'batchRounds', 'leadership'];
/** A gap that does not close is tried after ever longer times, up to so many delays. */
const delaysMax = 32;
/** Within which share of the delay gaps come to be that count as one burst. */
const burstShare = 0.1;

/**
 * Fills the rounds that are left open below committed ones with no-ops, after a delay, in batches, oldest first. Gives
 * `node.autofill`. Throws `InvalidError` where an option is not what it must be.
 */
export function autofill<S = unknown>(options: AutofillOptions<S> = {}): Decoration<'autofill', Autofill> {
  const { delayMs, ...rest } = checked(options);
  return defineDecoration()({
    name: 'autofill',
    stability: 'stable',
    inert: { filled: 0 },
    install(host): Autofill {
      const delay = host.setting('delayMs', delayMs, delayMsDefault, (value) => checkedMs('delayMs', value));
      return new Filler(host, delay, { ...rest, delayDependsOnState: typeof delayMs === 'function' });
    },
  });
}

function checked<S>(options: AutofillOptions<S>): Required<AutofillOptions<S>> {
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw new InvalidError(`autofill: ${name}`, 'unknown', `remove it; there are ${names.join(', ')}`);
  }
  const { delayMs = delayMsDefault, batchRounds = 1_024, leadership = 'check' } = options;
  if (!Number.isInteger(batchRounds) || batchRounds < 1 || batchRounds > 65_536)
    throw new InvalidError('batchRounds', batchRounds, 'give an integer from 1 to 65,536');
  if (leadership !== 'check' && leadership !== 'acquire')
    throw new InvalidError('leadership', leadership, "give 'check' or 'acquire'");
  return { delayMs: checkedMsOption<S>('delayMs', delayMs), batchRounds, leadership };
}

interface FillerOptions extends Required<Pick<AutofillOptions, 'batchRounds' | 'leadership'>> {
  readonly delayDependsOnState: boolean;
}

/** Looks at the gaps after each delay, as long as there are any, and fills those that were there the last time. */
class Filler implements Autofill {
  readonly #host: DecorationHost;
  readonly #delay: () => number;
  readonly #options: FillerOptions;
  readonly #timer: DueTimer;
  #gaps: readonly RoundRange[] = [];
  /** The gaps when they were last looked at; `undefined` where they have just come to be. */
  #before: readonly RoundRange[] | undefined;
  #lookedAt = 0;
  /** How many delays to let pass until the next look. */
  #delays = 1;
  /** Where in the last delay a node tries that does not lead, so that not all do at once. */
  #draw = 0;
  #isFilling = false;
  #filled = 0;

  constructor(host: DecorationHost, delay: () => number, options: FillerOptions) {
    this.#host = host;
    this.#delay = delay;
    this.#options = options;
    this.#timer = host.dueTimer(
      () => this.#dueAt(),
      () => this.#onDue(),
    );
    host.onEvent('gaps', ({ gaps }) => this.#onGaps(gaps));
    if (options.delayDependsOnState) host.onEvent('apply', () => this.#gaps.length > 0 && this.#timer.armSoon());
  }

  get filled(): number {
    return this.#filled;
  }

  #onGaps(gaps: readonly RoundRange[]): void {
    const first = this.#gaps[0]?.from;
    this.#gaps = gaps;
    if (gaps.length === 0 || this.#isFilling) return;
    // What has moved on is no longer the gap that did not close.
    if (first !== undefined && (this.#delays <= 1 || gaps[0]?.from === first)) return;
    // A burst of gaps is looked at as one.
    this.#before = undefined;
    this.#wait(burstShare);
  }

  /** Comes back after so many delays. */
  #wait(delays: number): void {
    this.#lookedAt = this.#host.clock.now();
    this.#delays = Math.min(delays, delaysMax);
    this.#draw = this.#host.random();
    this.#timer.arm();
  }

  /** Takes note of the gaps as they are, and comes back after so many delays. */
  #look(delays: number): void {
    this.#before = this.#gaps;
    this.#wait(delays);
  }

  #dueAt(): number {
    if (this.#gaps.length === 0 || this.#isFilling) return Number.POSITIVE_INFINITY;
    const { status } = this.#host.node;
    return this.#lookedAt + this.#delay() * (status === 'leading' ? this.#delays : this.#delays + this.#draw);
  }

  #onDue(): void {
    if (this.#before === undefined) return this.#look(1 - burstShare);
    const rounds = lastingRounds(this.#before, this.#gaps, this.#options.batchRounds);
    const { participation, status } = this.#host.node;
    if (rounds.length === 0) return this.#look(1);
    if (participation.type === 'passive' || status === 'disoriented') return this.#look(this.#delays * 2);
    this.#isFilling = true;
    void this.#fill(rounds, status === 'leading').then((filled) => {
      this.#isFilling = false;
      if (this.#gaps.length === 0) return;
      // What is left of a batch that moved on has waited long enough.
      if (filled > 0) this.#onDue();
      else this.#look(this.#delays * 2);
    });
  }

  /** Appends no-ops, all in one turn, so that they are one run. Gives how many rounds were filled. */
  async #fill(rounds: readonly RoundNum[], isLeading: boolean): Promise<number> {
    const { leadership } = this.#options;
    const { appendNoop } = this.#host;
    // Whoever does not lead needs one answer, or one election, after which the new leader fills all gaps that it knows of.
    const tried = isLeading ? rounds : rounds.slice(0, 1);
    const before = this.#filled;
    const onFilled = (): void => {
      this.#filled += 1;
    };
    const options = { leadership: isLeading ? 'check' : leadership, retry: () => undefined } as const;
    const appends = tried.map((round) => appendNoop({ ...options, round: { from: round, to: round } }).then(onFilled));
    await Promise.allSettled(appends);
    return this.#filled - before;
  }
}
