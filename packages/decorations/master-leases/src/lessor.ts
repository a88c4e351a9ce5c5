import type { CoordNum, NodeId } from '@paxakos/core/contracts';
import type { Grant } from './grant.ts';
import { later, type Moment, type Timekeeper } from './timekeeper.ts';

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
  /** When it may be renewed, by the node's clock. */
  readonly renewableAt: number;
  /** It ends when both clocks are past this. */
  readonly until: Moment;
}

/** How long until both clocks are past a moment. */
export function msUntil(until: Moment, now: Moment): number {
  return Math.max(0, until.own - now.own, until.wall - now.wall);
}

/** What this node has promised leaders, as a voter: not to help anyone else for a time. */
export class Lessor {
  readonly #time: Timekeeper;
  readonly #life: number;
  readonly #leaseMs: () => number;
  /** By the memory of the leader: what has lost its memory is somebody else. Several may run at once. */
  readonly #leases = new Map<string, Lease>();

  constructor(time: Timekeeper, life: number, leaseMs: () => number) {
    this.#time = time;
    this.#life = life;
    this.#leaseMs = leaseMs;
  }

  /** The longest promise made to somebody else than who bids under this number (H27). */
  bond(number: CoordNum): Bond | undefined {
    const now = this.#time.now();
    let longest: Bond | undefined;
    for (const [key, { holder, until }] of this.#leases) {
      const forMs = msUntil(until, now);
      if (forMs === 0) this.#leases.delete(key);
      else if (key !== keyOf(number) && forMs > (longest?.forMs ?? 0)) longest = { holder, forMs };
    }
    return longest;
  }

  /** Promises the leader its lease; gives what to tell it, or nothing where it was told so a moment ago. */
  grant(number: CoordNum): Grant | undefined {
    const now = this.#time.now();
    const last = this.#leases.get(keyOf(number));
    if (last !== undefined && last.number.counter === number.counter && now.own < last.renewableAt) return undefined;
    const forMs = this.#leaseMs();
    const until = later(now, Math.max(forMs, last === undefined ? 0 : msUntil(last.until, now)));
    this.#leases.set(keyOf(number), { holder: number.node, number, renewableAt: now.own + forMs / renewals, until });
    return { forMs, at: now.own, life: this.#life };
  }
}

function keyOf({ node, incarnation }: CoordNum): string {
  return `${incarnation}/${node}`;
}
