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

/** Whether all is applied that was committed when a read began, and all that leaders before may have placed. */
function isLevel({ applied, inherited }: Standing, committed: RoundNum): boolean {
  return applied >= committed && applied >= inherited;
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

  /** Reads, once what is committed, here and by leaders before, is applied (H19). */
  async read<Result>(
    next: ReadFunction,
    fn: (state: unknown, round: RoundNum) => Result,
    options: ReadOptions,
    isLax: boolean,
  ): Promise<Result> {
    const { committed } = this.#host.openRounds();
    const { signal } = options;
    for (;;) {
      const standing = this.#check(isLax, 'noMajority');
      if (isLevel(standing, committed)) break;
      if (signal?.aborted) throw new AbortedError('none', signal.reason);
      await this.#change(standing.forMs, signal);
    }
    let isSameTurn = true;
    const read = (state: unknown, round: RoundNum): Result => {
      if (!isSameTurn && !isLevel(this.#check(isLax, 'noMajority'), committed))
        throw new LeaseError('behind', this.#host.node.leader);
      const result = fn(state, round);
      // The process may have stood still since: whoever gets the result would take it for what is (H24).
      this.#check(isLax, 'expired');
      return result;
    };
    const reading = next(read, { ...options, consistency: 'stale' });
    isSameTurn = false;
    return reading;
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
