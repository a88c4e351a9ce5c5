import type {
  CoordNum,
  GoverningCluster,
  MandateSeen,
  MemoryId,
  NodeId,
  OpenRounds,
  VoteSeen,
} from '@paxakos/core/contracts';
import { grantOf } from './grant.ts';
import { Pace } from './pace.ts';

/** How many leases long the pace of a clock is looked at. */
const spanLeases = 64;

/** What a lessee is made of. */
export interface LesseeParts {
  readonly self: { readonly id: NodeId; readonly memory: MemoryId };
  readonly now: () => number;
  /** How many times faster than this node's clock a lessor's may run. */
  readonly ratioMax: number;
  /** Whether a lessor's promise counts only where that is known of its clock. */
  readonly measures: boolean;
}

/** How many nodes' clocks are kept in mind. */
const pacesMax = 256;

interface Paced {
  readonly memory: MemoryId;
  readonly pace: Pace;
}

interface Held {
  readonly memory: MemoryId;
  readonly until: number;
  readonly pace: Pace;
}

/** What this node was promised, as a leader, and until when of its own clock. */
export class Lessee {
  readonly #parts: LesseeParts;
  #number: CoordNum | undefined;
  #held = new Map<NodeId, Held>();
  readonly #paces = new Map<NodeId, Paced>();
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(parts: LesseeParts) {
    this.#parts = parts;
  }

  /** Takes in what a vote promises. It counts from before the request left. */
  onVote({ kind, voter, memory, number, data, requestedAt }: VoteSeen): void {
    const grant = kind === 'acceptance' ? grantOf(data) : undefined;
    if (grant === undefined || requestedAt < this.#notBefore) return;
    if (!sameNumber(number, this.#number)) {
      this.#number = number;
      this.#held = new Map();
    }
    const { now, ratioMax } = this.#parts;
    const pace = this.#paceOf(voter, memory, grant.forMs);
    pace.note({ theirs: grant.at, earliest: requestedAt, latest: now() }, grant.life);
    const last = this.#held.get(voter);
    const until = requestedAt + grant.forMs / ratioMax;
    this.#held.set(voter, { memory, pace, until: last?.memory === memory ? Math.max(until, last.until) : until });
  }

  #paceOf(voter: NodeId, memory: MemoryId, forMs: number): Pace {
    const known = this.#paces.get(voter);
    if (known?.memory === memory) return known.pace;
    const pace = new Pace(this.#parts.ratioMax, forMs * spanLeases);
    this.#paces.delete(voter);
    this.#paces.set(voter, { memory, pace });
    const [first] = this.#paces.keys();
    // Members come and go: those that came first are forgotten.
    if (this.#paces.size > pacesMax && first !== undefined) this.#paces.delete(first);
    return pace;
  }

  /** Gives up all that was promised so far. */
  forget(): void {
    this.#held = new Map();
    this.#notBefore = this.#parts.now();
  }

  /**
   * Until when of this node's clock a majority keeps to it: of every cluster that governs an open round, or only of the one that
   * governs the next. Minus infinity where there is none.
   */
  until({ number }: MandateSeen, { clusters }: OpenRounds, isLax: boolean): number {
    const held = sameNumber(number, this.#number) ? this.#held : none;
    const last = isLax ? 1 : clusters.length;
    let until = clusters.length === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (let index = 0; index < last && index < clusters.length; index += 1)
      until = Math.min(until, this.#untilIn(clusters[index] as GoverningCluster, held));
    return until;
  }

  #untilIn({ members, memories }: GoverningCluster, held: ReadonlyMap<NodeId, Held>): number {
    const { self, measures } = this.#parts;
    const untils: number[] = [];
    for (const { id } of members) {
      const memory = memories.get(id) as MemoryId;
      const promise = held.get(id);
      // This node's own promise needs no time: the step in which it promises somebody else ends its mandate.
      if (id === self.id && memory === self.memory) untils.push(Number.POSITIVE_INFINITY);
      else if (promise?.memory === memory && (promise.pace.isKept || !measures)) untils.push(promise.until);
    }
    untils.sort((a, b) => b - a);
    return untils[Math.floor(members.length / 2)] ?? Number.NEGATIVE_INFINITY;
  }
}

const none: ReadonlyMap<NodeId, Held> = new Map();

function sameNumber(a: CoordNum, b: CoordNum | undefined): boolean {
  return a.counter === b?.counter && a.memory === b.memory && a.node === b.node;
}
