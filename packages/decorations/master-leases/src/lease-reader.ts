import {
  AbortedError,
  type DecorationHost,
  type ReadFunction,
  type ReadOptions,
  type RoundNum,
} from '@paxakos/core/contracts';
import { LeaseError, type LeaseRefusal } from './lease-error.ts';
import type { Lessee } from './lessee.ts';
import type { Suspension } from './suspension.ts';

/** What a reader needs of the node. */
export type ReaderHost = Pick<DecorationHost, 'node' | 'clock' | 'signal' | 'mandate' | 'openRounds'>;

/** A majority keeps to this node. */
interface Standing {
  /** Until when of its clock. */
  readonly until: number;
  /** What leaders before may have placed lies in rounds up to this one. */
  readonly inherited: RoundNum;
  readonly applied: RoundNum;
}

/** Reads from memory, while a majority keeps to this node. */
export class LeaseReader {
  readonly #host: ReaderHost;
  readonly #lessee: Lessee;
  readonly #suspension: Suspension;

  constructor(host: ReaderHost, lessee: Lessee, suspension: Suspension) {
    this.#host = host;
    this.#lessee = lessee;
    this.#suspension = suspension;
  }

  /** For how many milliseconds from now on nobody else can lead: 0 without a lease. */
  remainingMs(isLax: boolean): number {
    const standing = this.#standing(isLax);
    return typeof standing === 'string' ? 0 : Math.max(0, standing.until - this.#host.clock.now());
  }

  /** How this node stands, or what is in the way beside time. */
  #standing(isLax: boolean): Standing | LeaseRefusal {
    if (this.#suspension.wasThere()) this.#lessee.forget();
    const mandate = this.#host.mandate();
    if (mandate === undefined || this.#host.node.status !== 'leading') return 'notLeading';
    const open = this.#host.openRounds();
    // Beyond what the mandate holds for, a leader before may have placed what this node has not heard of.
    if (mandate.holdsThrough < open.to) return 'behind';
    return {
      until: this.#lessee.until(mandate, open, isLax),
      inherited: mandate.inheritedThrough,
      applied: open.from - 1,
    };
  }

  /** How this node stands while a majority keeps to it: whatever was acknowledged elsewhere was so before. Throws `LeaseError`. */
  #check(isLax: boolean, late: LeaseRefusal): Standing {
    const standing = this.#standing(isLax);
    const { node, clock } = this.#host;
    if (typeof standing === 'string') throw new LeaseError(standing, node.leader);
    if (standing.until <= clock.now()) throw new LeaseError(late, node.leader);
    return standing;
  }

  async read<Result>(
    next: ReadFunction,
    fn: (state: unknown, round: RoundNum) => Result,
    options: ReadOptions,
    isLax: boolean,
  ): Promise<Result> {
    const { committed } = this.#host.openRounds();
    await this.#applied(committed, isLax, options.signal);
    const read = (state: unknown, round: RoundNum): Result => {
      const { inherited, applied } = this.#check(isLax, 'noMajority');
      if (applied < committed || applied < inherited) throw new LeaseError('behind', this.#host.node.leader);
      const result = fn(state, round);
      // The process may have stood still since: whoever gets the result would take it for what is (H24).
      this.#check(isLax, 'expired');
      return result;
    };
    return next(read, { ...options, consistency: 'stale' });
  }

  /** Waits until what is committed, here and by leaders before, is applied (H19). */
  async #applied(committed: RoundNum, isLax: boolean, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const { until, inherited, applied } = this.#check(isLax, 'noMajority');
      if (applied >= committed && applied >= inherited) return;
      if (signal?.aborted) throw new AbortedError('none', signal.reason);
      await this.#change(until, signal);
    }
  }

  /** Waits until something more is applied, or there is no use in waiting any more. */
  #change(until: number, signal: AbortSignal | undefined): Promise<void> {
    const { node, clock, signal: stopping } = this.#host;
    return new Promise((resolve) => {
      const done = (): void => {
        for (const end of ends) end();
        resolve();
      };
      const ends: (() => void)[] = [node.on('apply', done), node.on('statusChange', done), node.on('install', done)];
      if (until < Number.POSITIVE_INFINITY) ends.push(clock.after(Math.max(0, until - clock.now()), done));
      for (const each of [signal, stopping]) {
        each?.addEventListener('abort', done);
        ends.push(() => each?.removeEventListener('abort', done));
      }
    });
  }
}
