import type { Clock, CoordNum, NodeId } from '@paxakos/core/contracts';
import type { Grant } from './grant.ts';

/** A lease of this long is renewed no sooner than after one part in so many of its time. */
const renewals = 16;

/** A promise that keeps this node from helping somebody. */
export interface Bond {
  /** Whom this node keeps to; `undefined` where its former life may have promised that to somebody. */
  readonly holder: NodeId | undefined;
  /** For how many milliseconds of its clock it still does. */
  readonly forMs: number;
}

interface Lease {
  readonly holder: NodeId;
  readonly number: CoordNum;
  /** When it may be renewed, and when it ends. */
  readonly renewableAt: number;
  readonly until: number;
}

/** What this node has promised leaders, as a voter: not to help anyone else for a time. */
export class Lessor {
  readonly #clock: Clock;
  readonly #life: number;
  readonly #leaseMs: () => number;
  /** By the memory of the leader: what has lost its memory is somebody else. Several may run at once. */
  readonly #leases = new Map<string, Lease>();

  constructor(clock: Clock, life: number, leaseMs: () => number) {
    this.#clock = clock;
    this.#life = life;
    this.#leaseMs = leaseMs;
  }

  /** The longest promise made to somebody else than who bids under this number. */
  bond(number: CoordNum): Bond | undefined {
    const now = this.#clock.now();
    let longest: Lease | undefined;
    for (const [holder, lease] of this.#leases) {
      if (lease.until <= now) this.#leases.delete(holder);
      else if (holder !== keyOf(number) && lease.until > (longest?.until ?? now)) longest = lease;
    }
    return longest && { holder: longest.holder, forMs: longest.until - now };
  }

  /** Promises the leader its lease; gives what to tell it, or nothing where it was told so a moment ago. */
  grant(number: CoordNum): Grant | undefined {
    const now = this.#clock.now();
    const last = this.#leases.get(keyOf(number));
    if (last !== undefined && last.number.counter === number.counter && now < last.renewableAt) return undefined;
    const forMs = this.#leaseMs();
    const until = Math.max(now + forMs, last?.until ?? now);
    this.#leases.set(keyOf(number), { holder: number.node, number, renewableAt: now + forMs / renewals, until });
    return { forMs, at: now, life: this.#life };
  }
}

function keyOf({ node, memory }: CoordNum): string {
  return `${memory}/${node}`;
}
