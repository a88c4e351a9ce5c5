import {
  AbortedError,
  type DecorationHost,
  type ReadFunction,
  type ReadOptions,
  type RoundNum,
} from '@paxakos/core/contracts';
import { LeaseError, type LeaseRefusal } from './lease-error.ts';
import type { Lessee } from './lessee.ts';

/** What a reader needs of the node. */
export type ReaderHost = Pick<DecorationHost, 'node' | 'clock' | 'mandate' | 'openRounds'>;

/** A majority keeps to this node. */
interface Standing {
  /** For how many milliseconds. */
  readonly forMs: number;
  /** What leaders before may have placed lies in rounds up to this one. */
  readonly inherited: RoundNum;
  readonly applied: RoundNum;
}

/** Reads from memory, while a majority keeps to this node. */
export class LeaseReader {
  readonly #host: ReaderHost;
  readonly #lessee: Lessee;

  constructor(host: ReaderHost, lessee: Lessee) {
    this.#host = host;
    this.#lessee = lessee;
  }

  /** For how many milliseconds from now on nobody else can lead: 0 without a lease. */
  remainingMs(isLax: boolean): number {
    const standing = this.#standing(isLax);
    return typeof standing === 'string' ? 0 : Math.max(0, standing.forMs);
  }

  /** How this node stands, or what is in the way beside time. */
  #standing(isLax: boolean): Standing | LeaseRefusal {
    const mandate = this.#host.mandate();
    if (mandate === undefined || this.#host.node.status !== 'leading') return 'notLeading';
    const open = this.#host.openRounds();
    // Beyond what the mandate holds for, a leader before may have placed what this node has not heard of.
    if (mandate.holdsThrough < open.to) return 'behind';
    return {
      forMs: this.#lessee.forMs(mandate, open, isLax),
      inherited: mandate.inheritedThrough,
      applied: open.from - 1,
    };
  }

  /** How this node stands while a majority keeps to it: whatever was acknowledged elsewhere was so before. Throws `LeaseError`. */
  #check(isLax: boolean, late: LeaseRefusal): Standing {
    const standing = this.#standing(isLax);
    const { node } = this.#host;
    if (typeof standing === 'string') throw new LeaseError(standing, node.leader);
    if (standing.forMs <= 0) throw new LeaseError(late, node.leader);
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
      const { forMs, inherited, applied } = this.#check(isLax, 'noMajority');
      if (applied >= committed && applied >= inherited) return;
      if (signal?.aborted) throw new AbortedError('none', signal.reason);
      await this.#change(forMs, signal);
    }
  }

  /** Waits until something more is applied, or there is no use in waiting any more. */
  #change(forMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { node, clock } = this.#host;
    return new Promise((resolve) => {
      const done = (): void => {
        for (const end of ends) end();
        resolve();
      };
      // The status changes when the node stops, too.
      const ends = [node.on('apply', done), node.on('install', done), node.on('statusChange', done)];
      if (forMs < Number.POSITIVE_INFINITY) ends.push(clock.after(forMs, done));
      signal?.addEventListener('abort', done);
      ends.push(() => signal?.removeEventListener('abort', done));
    });
  }
}
