import type { CoordNum, IncarnationId, NodeId, Proposal, RoundNum } from '@paxakos/core/contracts';
import type { DurableRecord, Replica, SnapshotImage } from '@paxakos/core/protocol';
import { nameOf } from './name-of.ts';
import { orderOf } from './order-of.ts';

type Kernel = Replica['kernel'];

function reaches(number: CoordNum | undefined, bound: CoordNum): boolean {
  return number !== undefined && orderOf(number, bound) >= 0;
}

/** Throws where a rule does not hold. */
export function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(rule);
}

/**
 * Holds the votes of one memory of a node against what is durable there: none leaves before it is (P1), none is under a lesser
 * number than the one before (P2), and none is forgotten by a crash.
 */
export class VoteWatch {
  readonly #id: NodeId;
  readonly #incarnation: IncarnationId;
  #voted: CoordNum | undefined;
  #promised: CoordNum | undefined;
  /** Under which number each round is accepted for certain. */
  readonly #accepted = new Map<RoundNum, CoordNum>();

  /** `voted`: the greatest number of its votes so far. */
  constructor(id: NodeId, incarnation: IncarnationId, voted: CoordNum | undefined) {
    this.#id = id;
    this.#incarnation = incarnation;
    this.#voted = voted;
  }

  get voted(): CoordNum | undefined {
    return this.#voted;
  }

  /** The greatest number that is promised for certain. */
  get promised(): CoordNum | undefined {
    return this.#promised;
  }

  /** A record is durable. */
  remember(record: DurableRecord): void {
    if (record.type !== 'promise' && record.type !== 'accept') return;
    this.#raise(record.number);
    if (record.type !== 'accept') return;
    for (const index of record.entries.keys()) this.#accepted.set(record.from + index, record.number);
  }

  /** A snapshot of this memory is what it begins with. */
  restore(promised: CoordNum | undefined, accepted: readonly Proposal[]): void {
    if (promised !== undefined) this.#raise(promised);
    for (const { round, number } of accepted) this.#accepted.set(round, number);
  }

  /** A snapshot takes the place of all records before it (P3). */
  replacedBy({ promised, accepted, round }: Pick<SnapshotImage, 'promised' | 'accepted' | 'round'>): void {
    this.#mustHold('its snapshot', promised, round, (above) => accepted.find((proposal) => proposal.round === above));
  }

  /** The node has come back, and goes on with this. */
  revived({ acceptor, learner }: Pick<Kernel, 'acceptor' | 'learner'>): void {
    const { voted } = this;
    must(voted === undefined || reaches(acceptor.promised, voted), `P1: ${this.#id} comes back and forgets its votes`);
    this.#mustHold('it', acceptor.promised, learner.committed, (round) => acceptor.acceptedIn(round));
  }

  /** Nothing that is durable may be forgotten, but for rounds that are settled. */
  #mustHold(
    who: string,
    promised: CoordNum | undefined,
    settled: RoundNum,
    acceptedIn: (round: RoundNum) => Proposal | undefined,
  ): void {
    const bound = this.#promised;
    must(
      bound === undefined || reaches(promised, bound),
      `P3: ${this.#id} promised, and ${who} has forgotten ${bound === undefined ? '' : nameOf(bound)}`,
    );
    for (const [round, number] of this.#accepted) {
      const isHeld = round <= settled || reaches(acceptedIn(round)?.number, number);
      must(isHeld, `P3: ${this.#id} accepted in round ${round}, and ${who} has forgotten that`);
    }
  }

  /** A promise leaves. */
  votes(incarnation: IncarnationId, number: CoordNum): void {
    must(incarnation === this.#incarnation, `P10: ${this.#id} votes as ${incarnation}, and is ${this.#incarnation}`);
    const text = `${this.#id} votes under ${nameOf(number)}`;
    const { voted } = this;
    must(
      voted === undefined || reaches(number, voted),
      `P2: ${text} after ${voted === undefined ? '' : nameOf(voted)}`,
    );
    must(reaches(this.#promised, number), `P1: ${text} before that is durable`);
    this.#voted = number;
  }

  /** An acceptance leaves. */
  accepts(incarnation: IncarnationId, number: CoordNum, from: RoundNum, to: RoundNum): void {
    this.votes(incarnation, number);
    for (let round = from; round <= to; round += 1) {
      const isDurable = reaches(this.#accepted.get(round), number);
      must(isDurable, `P1: ${this.#id} says it accepted round ${round} before that is durable`);
    }
  }

  #raise(number: CoordNum): void {
    if (!reaches(this.#promised, number)) this.#promised = number;
  }
}
