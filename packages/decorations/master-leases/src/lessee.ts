import type {
  CoordNum,
  GoverningCluster,
  IncarnationId,
  MandateSeen,
  NodeId,
  OpenRounds,
  VoteSeen,
} from '@paxakos/core/contracts';
import { grantOf } from './grant.ts';
import { Pace } from './pace.ts';
import { later, type Moment, type Timekeeper } from './timekeeper.ts';

/** How many leases long the pace of a clock is looked at. */
const spanLeases = 64;

/** What a lessee is made of. */
export interface LesseeParts {
  readonly self: { readonly id: NodeId; readonly incarnation: IncarnationId };
  readonly time: Timekeeper;
  /** How many times faster than this node's clock a lessor's may run. */
  readonly ratioMax: number;
  /** Whether a lessor's promise counts only where that is known of its clock. */
  readonly measures: boolean;
}

/** How many nodes' clocks are kept in mind. */
const pacesMax = 256;

interface Paced {
  readonly incarnation: IncarnationId;
  readonly pace: Pace;
}

interface Held {
  readonly incarnation: IncarnationId;
  /** It ends when either clock is past this. */
  readonly until: Moment;
  readonly pace: Pace;
}

/** What this node was promised, as a leader, and until when of its own clock. */
export class Lessee {
  readonly #parts: LesseeParts;
  #number: CoordNum | undefined;
  #held = new Map<NodeId, Held>();
  readonly #paces = new Map<NodeId, Paced>();

  constructor(parts: LesseeParts) {
    this.#parts = parts;
  }

  /** Takes in what a vote promises. It counts from before the request left. */
  onVote({ kind, voter, incarnation, number, data, requestedAt }: VoteSeen): void {
    const grant = kind === 'acceptance' ? grantOf(data) : undefined;
    if (grant === undefined) return;
    if (!sameNumber(number, this.#number)) {
      this.#number = number;
      this.#held = new Map();
    }
    const { time, ratioMax } = this.#parts;
    const pace = this.#paceOf(voter, incarnation, grant.forMs);
    pace.note({ theirs: grant.at, earliest: requestedAt, latest: time.now().own }, grant.life);
    const until = later(time.at(requestedAt), grant.forMs / ratioMax);
    const last = this.#held.get(voter);
    const isNews = last?.incarnation !== incarnation || until.own > last.until.own;
    this.#held.set(voter, { incarnation, pace, until: isNews ? until : last.until });
  }

  #paceOf(voter: NodeId, incarnation: IncarnationId, forMs: number): Pace {
    const known = this.#paces.get(voter);
    if (known?.incarnation === incarnation) return known.pace;
    const pace = new Pace(this.#parts.ratioMax, forMs * spanLeases);
    this.#paces.delete(voter);
    this.#paces.set(voter, { incarnation, pace });
    const [first] = this.#paces.keys();
    // Members come and go: those that came first are forgotten.
    if (this.#paces.size > pacesMax && first !== undefined) this.#paces.delete(first);
    return pace;
  }

  /**
   * For how many milliseconds from now a majority keeps to this node: of every cluster that governs an open round, or only of the
   * one that governs the next. 0 or less where none does.
   */
  forMs({ number }: MandateSeen, { clusters }: OpenRounds, isLax: boolean): number {
    const held = sameNumber(number, this.#number) ? this.#held : none;
    const now = this.#parts.time.now();
    const last = isLax ? 1 : clusters.length;
    let forMs = clusters.length === 0 ? 0 : Number.POSITIVE_INFINITY;
    for (let index = 0; index < last && index < clusters.length; index += 1)
      forMs = Math.min(forMs, this.#forMsIn(clusters[index] as GoverningCluster, held, now));
    return forMs;
  }

  #forMsIn({ members, incarnations }: GoverningCluster, held: ReadonlyMap<NodeId, Held>, now: Moment): number {
    const { self, measures } = this.#parts;
    const all: number[] = [];
    for (const { id } of members) {
      const incarnation = incarnations.get(id) as IncarnationId;
      const promise = held.get(id);
      // This node's own promise needs no time: the step in which it promises somebody else ends its mandate.
      if (id === self.id && incarnation === self.incarnation) all.push(Number.POSITIVE_INFINITY);
      else if (promise?.incarnation === incarnation && (promise.pace.isKept || !measures))
        all.push(Math.min(promise.until.own - now.own, promise.until.wall - now.wall));
    }
    all.sort((a, b) => b - a);
    return all[Math.floor(members.length / 2)] ?? 0;
  }
}

const none: ReadonlyMap<NodeId, Held> = new Map();

function sameNumber(a: CoordNum, b: CoordNum | undefined): boolean {
  return a.counter === b?.counter && a.incarnation === b.incarnation && a.node === b.node;
}
