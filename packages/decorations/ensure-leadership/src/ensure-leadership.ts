import type { AnyLogEntry, Decoration, DecorationHost, DueTimer, Later, OfState } from '@paxakos/core/contracts';
import { defineDecoration, InvalidError, isPaxakosError, later } from '@paxakos/core/contracts';
import { checkedMs, checkedMsOption } from './checked-ms.ts';
import { staggerMs } from './stagger-ms.ts';

/** How to make sure that there is a leader. */
export interface EnsureLeadershipOptions<S = unknown, E extends AnyLogEntry = never> {
  /** Milliseconds without any applied entry after which one is appended, or what gives them from the state. Default: 500. */
  readonly intervalMs?: OfState<S>;
  /** Makes the entry to append, with an id of its own each time. Default: a no-op of the protocol's own. */
  readonly entry?: () => E;
}

/** What `node.ensureLeadership` is. */
export interface EnsureLeadership {
  /** How often this node has appended an entry to see whether somebody leads. */
  readonly attempts: number;
  /** What the last of these attempts failed with; `undefined` where it did not fail. */
  readonly lastError: unknown;
}

const intervalMsDefault = 500;
/** How often in a row a turn that comes late is put off: where timers are always late somebody must lead, too. */
const lateMax = 3;

/**
 * Appends an entry after a time without any, so that after the death of a leader some node leads within twice `intervalMs`.
 * Gives `node.ensureLeadership`. Throws `InvalidError` where an option is not what it must be.
 */
export function ensureLeadership<S = unknown, const E extends AnyLogEntry = never>(
  options: EnsureLeadershipOptions<S, E> = {},
): Decoration<'ensureLeadership', EnsureLeadership, { readonly delegation: Later }, E> {
  const { intervalMs, entry } = checked(options);
  return defineDecoration<E>()({
    name: 'ensureLeadership',
    stability: 'stable',
    needs: { delegation: later() },
    inert: { attempts: 0, lastError: undefined },
    install(host): EnsureLeadership {
      const check = (value: unknown): number => checkedMs('intervalMs', value);
      const interval = host.setting('intervalMs', intervalMs, intervalMsDefault, check);
      return new Watch(host, { interval, dependsOnState: typeof intervalMs === 'function', entry });
    },
  });
}

function checked<S, E extends AnyLogEntry>(options: EnsureLeadershipOptions<S, E>) {
  for (const name of Object.keys(options)) {
    if (name !== 'intervalMs' && name !== 'entry')
      throw new InvalidError(`ensureLeadership: ${name}`, 'unknown', 'remove it; there are intervalMs and entry');
  }
  const { intervalMs = intervalMsDefault, entry } = options;
  if (entry !== undefined && typeof entry !== 'function')
    throw new InvalidError('entry', entry, 'give a function that makes an entry');
  return { intervalMs: checkedMsOption<S>('intervalMs', intervalMs), entry };
}

interface WatchParts {
  readonly interval: () => number;
  readonly dependsOnState: boolean;
  readonly entry: (() => AnyLogEntry) | undefined;
}

/** Watches whether entries are applied, and appends one where none is. */
class Watch implements EnsureLeadership {
  readonly #host: DecorationHost;
  readonly #interval: () => number;
  readonly #entry: (() => AnyLogEntry) | undefined;
  readonly #timer: DueTimer;
  #attempts = 0;
  #lastError: unknown;
  /** When an entry was last applied, an attempt ended, or nothing could be expected. Infinite before the start. */
  #quietSince = Number.POSITIVE_INFINITY;
  /** Where in its slot this node tries: anew each time. */
  #draw: number;
  #isTrying = false;
  /** How often in a row its turn has been put off. */
  #late = 0;

  constructor(host: DecorationHost, { interval, dependsOnState, entry }: WatchParts) {
    this.#host = host;
    this.#interval = interval;
    this.#entry = entry;
    this.#draw = host.random();
    this.#timer = host.dueTimer(
      () => this.#dueAt(),
      () => this.#onDue(),
    );
    const { clock, onEvent } = host;
    onEvent('apply', () => {
      if (this.#quietSince === Number.POSITIVE_INFINITY) return;
      this.#quietSince = clock.now();
      this.#late = 0;
      if (dependsOnState) this.#timer.armSoon();
    });
    for (const type of ['init', 'install'] as const) onEvent(type, () => this.#restart());
    // A leader's turn comes sooner.
    onEvent('statusChange', ({ to }) => {
      if (to === 'leading') this.#timer.arm();
    });
  }

  get attempts(): number {
    return this.#attempts;
  }

  get lastError(): unknown {
    return this.#lastError;
  }

  #restart(): void {
    this.#quietSince = this.#host.clock.now();
    this.#draw = this.#host.random();
    this.#timer.arm();
  }

  #dueAt(): number {
    if (this.#isTrying || this.#quietSince === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const ms = this.#interval();
    return this.#quietSince + ms + staggerMs(this.#host.node, ms, this.#draw);
  }

  #onDue(): void {
    const { clock } = this.#host;
    const now = clock.now();
    if (!this.#mayTry()) {
      this.#quietSince = now;
      return;
    }
    const ms = this.#interval();
    if (now - this.#timer.armedFor > ms / 4 && this.#late < lateMax) {
      this.#late += 1;
      // This process stood still itself: what the others sent meanwhile comes first, and each has its slot again.
      this.#quietSince = now - ms * 0.75;
      return;
    }
    this.#late = 0;
    this.#isTrying = true;
    this.#attempts += 1;
    void this.#append().then((error) => {
      this.#lastError = error;
      this.#isTrying = false;
      this.#restart();
    });
  }

  #mayTry(): boolean {
    const { id, cluster, participation, status } = this.#host.node;
    if (participation.type === 'passive' || status === 'disoriented' || status === 'failed') return false;
    return cluster.some((member) => member.id === id);
  }

  /** Appends, and gives what that failed with. */
  async #append(): Promise<unknown> {
    const { appendNoop, node, reportError } = this.#host;
    const options = { retry: () => undefined };
    if (this.#entry !== undefined) {
      try {
        await node.append(this.#entry(), options);
        return undefined;
      } catch (error) {
        // Whatever is wrong with the entry itself must not keep the cluster from having a leader.
        if (isPaxakosError(error) && error.code !== 'PAXAKOS_INVALID') return error;
        reportError('entry', error);
      }
    }
    return appendNoop(options).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}
