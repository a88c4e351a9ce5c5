import type { AnyLogEntry, Decoration, DecorationHost, DueTimer, Later, OfState } from '@paxakos/core/contracts';
import { defineDecoration, InvalidError, later } from '@paxakos/core/contracts';
import { beat, type Pulse } from './beat.ts';
import { checkedMs, checkedMsOption } from './checked-ms.ts';
import { Contact } from './contact.ts';

/** How to append heartbeats. */
export interface HeartbeatsOptions<S = unknown, E extends AnyLogEntry = never> {
  /**
   * Milliseconds without any applied entry after which a node that does not lead has a heartbeat, or what gives them from the
   * state. Default: 1,000.
   */
  readonly intervalMs?: OfState<S>;
  /**
   * Milliseconds from one heartbeat of a leader to the next, or what gives them from the state; where an append takes longer, the
   * next follows at once. Default: a quarter of `intervalMs`.
   */
  readonly leaderIntervalMs?: OfState<S>;
  /** Makes the entry to append, with an id of its own each time. Default: a no-op of the protocol's own. */
  readonly entry?: () => E;
}

/** What `node.heartbeats` is. */
export interface Heartbeats {
  /** Whether the last heartbeat found no majority, and nothing was applied since. False before the first one. */
  readonly isCutOff: boolean;
  /** When an entry was last applied, or a majority last answered, in milliseconds of the node's clock. */
  readonly lastAliveAt: number | undefined;
  /** Calls `listener` when `isCutOff` changes; gives a function that stops it. What a listener throws becomes a `hookError`. */
  onChange(listener: (isCutOff: boolean) => void): () => void;
}

const intervalMsDefault = 1_000;
/** How many heartbeats a leader has in the interval of the others. */
const paceOfLeader = 4;
const names: readonly string[] = ['intervalMs', 'leaderIntervalMs', 'entry'];

/**
 * Appends a heartbeat at intervals, without ever starting an election, so that the log keeps a pace, and a node that is cut off
 * notices within two intervals. Gives `node.heartbeats`. Throws `InvalidError` where an option is not what it must be.
 */
export function heartbeats<S = unknown, const E extends AnyLogEntry = never>(
  options: HeartbeatsOptions<S, E> = {},
): Decoration<'heartbeats', Heartbeats, { readonly delegation: Later }, E> {
  const { intervalMs, leaderIntervalMs, entry } = checked(options);
  return defineDecoration<E>()({
    name: 'heartbeats',
    stability: 'stable',
    needs: { delegation: later() },
    inert: { isCutOff: false, lastAliveAt: undefined, onChange: () => () => {} },
    install(host): Heartbeats {
      const contact = new Contact(host);
      const read = (name: string, option: OfState<S>, initialMs: number): (() => number) =>
        host.setting(name, option, initialMs, (value) => checkedMs(name, value));
      const interval = read('intervalMs', intervalMs, intervalMsDefault);
      const ofLeader =
        leaderIntervalMs === undefined
          ? undefined
          : read('leaderIntervalMs', leaderIntervalMs, intervalMsDefault / paceOfLeader);
      const dependsOnState = [intervalMs, leaderIntervalMs].some((option) => typeof option === 'function');
      new Heart(host, contact, { interval, ofLeader, dependsOnState, entry }).start();
      return contact;
    },
  });
}

function checked<S, E extends AnyLogEntry>(options: HeartbeatsOptions<S, E>) {
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw new InvalidError(`heartbeats: ${name}`, 'unknown', `remove it; there are ${names.join(', ')}`);
  }
  const { intervalMs = intervalMsDefault, leaderIntervalMs, entry } = options;
  if (entry !== undefined && typeof entry !== 'function')
    throw new InvalidError('entry', entry, 'give a function that makes an entry');
  return {
    intervalMs: checkedMsOption<S>('intervalMs', intervalMs),
    leaderIntervalMs:
      leaderIntervalMs === undefined ? undefined : checkedMsOption<S>('leaderIntervalMs', leaderIntervalMs),
    entry,
  };
}

interface HeartParts {
  readonly interval: () => number;
  /** `undefined`: as the interval says. */
  readonly ofLeader: (() => number) | undefined;
  readonly dependsOnState: boolean;
  readonly entry: (() => AnyLogEntry) | undefined;
}

/** Beats: one heartbeat at a time. */
class Heart {
  readonly #host: DecorationHost;
  readonly #contact: Contact;
  readonly #parts: HeartParts;
  readonly #timer: DueTimer;
  /** When the last heartbeat began; infinite before the start. */
  #beatAt = Number.POSITIVE_INFINITY;
  /** When an entry was last applied. */
  #appliedAt = Number.NEGATIVE_INFINITY;
  #isBeating = false;
  /** Whether it lost its leadership in the middle of the last one. */
  #wasOverthrown = false;
  /** Whether it led when the last heartbeat began. */
  #wasLeading = false;

  constructor(host: DecorationHost, contact: Contact, parts: HeartParts) {
    this.#host = host;
    this.#contact = contact;
    this.#parts = parts;
    this.#timer = host.dueTimer(
      () => this.#dueAt(),
      () => this.#onDue(),
    );
  }

  start(): void {
    const { clock, onEvent, signal } = this.#host;
    const { dependsOnState } = this.#parts;
    onEvent('init', () => {
      this.#beatAt = clock.now();
      this.#timer.arm();
    });
    onEvent('apply', () => {
      if (this.#beatAt === Number.POSITIVE_INFINITY) return;
      this.#appliedAt = clock.now();
      if (this.#contact.isCutOff) this.#timer.armSoon();
      this.#contact.alive(this.#appliedAt);
      if (dependsOnState) this.#timer.armSoon();
    });
    // A leader's pace is another one.
    onEvent('statusChange', ({ from, to }) => {
      if (from === 'leading' || to === 'leading') this.#timer.armSoon();
    });
    signal.addEventListener('abort', () => this.#contact.close(), { once: true });
  }

  /** While it leads, from heartbeat to heartbeat, whatever else is appended: a proposal leaves for everybody at each. */
  #dueAt(): number {
    if (this.#isBeating || this.#beatAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (this.#leads) return this.#beatAt + this.#leaderMs;
    return Math.max(this.#beatAt, this.#appliedAt) + this.#parts.interval();
  }

  /** What a leader that is cut off places comes to nothing, so there is no hurry. */
  get #leads(): boolean {
    return this.#host.node.status === 'leading' && !this.#contact.isCutOff;
  }

  get #leaderMs(): number {
    const { interval, ofLeader } = this.#parts;
    return ofLeader?.() ?? interval() / paceOfLeader;
  }

  #onDue(): void {
    const { clock } = this.#host;
    this.#beatAt = clock.now();
    if (!this.#mayBeat()) return;
    this.#isBeating = true;
    this.#wasLeading = this.#host.node.status === 'leading';
    const fullMs = this.#parts.interval();
    // A leader that was overthrown in the middle of a heartbeat has only the rest of two intervals to hear from somebody.
    const leftMs = (this.#contact.lastAliveAt ?? this.#beatAt) + fullMs * 2 - this.#beatAt;
    const ms = this.#wasOverthrown ? Math.min(Math.max(leftMs, fullMs / 4), fullMs) : fullMs;
    this.#wasOverthrown = false;
    void beat(this.#host, ms, this.#parts.entry).then((pulse) => this.#onPulse(pulse));
  }

  #mayBeat(): boolean {
    const { id, cluster, participation, status } = this.#host.node;
    if (participation.type === 'passive' || status === 'disoriented' || status === 'failed') return false;
    return cluster.some((member) => member.id === id);
  }

  #onPulse(pulse: Pulse): void {
    this.#isBeating = false;
    if (this.#host.signal.aborted) return;
    const isSilent = pulse === 'silent' && this.#appliedAt < this.#beatAt;
    if (pulse === 'alive') this.#contact.alive(this.#host.clock.now());
    else if (isSilent) this.#contact.lost();
    else if (this.#wasLeading && this.#host.node.status !== 'leading') {
      this.#beatAt = this.#appliedAt;
      this.#wasOverthrown = true;
    }
    this.#timer.arm();
  }
}
