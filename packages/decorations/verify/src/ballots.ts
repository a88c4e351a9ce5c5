import type { NodeId, RoundNum } from '@paxakos/core/contracts';
import type { Digest } from './digest.ts';

/** Of how many check points digests are kept, of this node and of each other one. */
const keptMax = 64;
/** Of how many nodes digests are kept. */
const nodesMax = 256;

/** In place of the digest of a node that has no state to tell of. */
const blank: Digest = '';

/** Where a node stands at a check point: as a majority, otherwise than one, or there is none, or not yet. */
export type Verdict = 'equal' | 'diverged' | 'undecided' | 'open';

interface Own {
  readonly digest: Digest;
  readonly members: readonly NodeId[];
  isSettled: boolean;
}

/** The digests of this node and of others, by check point, and what follows from them. */
export class Ballots {
  readonly #self: NodeId;
  readonly #own = new Map<RoundNum, Own>();
  readonly #others = new Map<NodeId, Map<RoundNum, Digest>>();

  constructor(self: NodeId) {
    this.#self = self;
  }

  /** This node's digest, and the members as of that round: a majority is one of theirs. */
  own(round: RoundNum, digest: Digest, members: readonly NodeId[]): void {
    this.#own.set(round, { digest, members, isSettled: false });
    dropOldest(this.#own);
  }

  ownDigest(round: RoundNum): Digest | undefined {
    return this.#own.get(round)?.digest;
  }

  /** This node's last check point, and its digest there. */
  get last(): { readonly round: RoundNum; readonly digest: Digest } | undefined {
    const round = Math.max(...this.#own.keys());
    const own = this.#own.get(round);
    return own === undefined ? undefined : { round, digest: own.digest };
  }

  /** What another node says; the last word of it counts. Without a digest: it has no state to tell of. */
  other(node: NodeId, round: RoundNum, digest: Digest = blank): void {
    let digests = this.#others.get(node);
    if (digests === undefined) {
      if (this.#others.size >= nodesMax && !this.#dropStranger()) return;
      digests = new Map();
      this.#others.set(node, digests);
    }
    digests.set(round, digest);
    dropOldest(digests);
  }

  /** This node has another state, or none: what it said of the last one is not true of it. */
  forgetOwn(): void {
    this.#own.clear();
  }

  /** Notes that the verdict on a check point has been carried out. Gives whether it is news. */
  settle(round: RoundNum): boolean {
    const own = this.#own.get(round);
    if (own === undefined || own.isSettled) return false;
    own.isSettled = true;
    return true;
  }

  /** The members that have said nothing of this round. */
  silent(round: RoundNum): readonly NodeId[] {
    const members = this.#own.get(round)?.members ?? [];
    return members.filter((id) => id !== this.#self && this.#others.get(id)?.has(round) !== true);
  }

  /** How this node's state stands to those of the members. */
  judge(round: RoundNum): Verdict {
    const own = this.#own.get(round);
    if (own === undefined) return 'open';
    const counts = this.#counts(own, round);
    const majority = Math.floor(own.members.length / 2) + 1;
    let voted = 0;
    let most = 0;
    for (const [digest, count] of counts) {
      if (count >= majority) return digest === own.digest ? 'equal' : 'diverged';
      voted += count;
      most = Math.max(most, count);
    }
    return most + own.members.length - voted < majority ? 'undecided' : 'open';
  }

  /** Whether every member has spoken, none has another state than this node, and those without one have nothing to lose. */
  isUnopposed(round: RoundNum): boolean {
    const own = this.#own.get(round);
    if (own?.members.includes(this.#self) !== true) return false;
    return own.members.every((id) => {
      const said = id === this.#self ? own.digest : this.#others.get(id)?.get(round);
      return said === own.digest || said === blank;
    });
  }

  /** Forgets who was heard of first and is no member, or not any more. Gives whether there was one. */
  #dropStranger(): boolean {
    const members = this.#own.get(Math.max(...this.#own.keys()))?.members;
    for (const id of this.#others.keys()) if (members?.includes(id) !== true) return this.#others.delete(id);
    return false;
  }

  /** How many different digests there are of a round. */
  views(round: RoundNum): number {
    const own = this.#own.get(round);
    return own === undefined ? 0 : this.#counts(own, round).size;
  }

  /** Only members count; who is none may still see that it differs from them. */
  #counts({ digest, members }: Own, round: RoundNum): ReadonlyMap<Digest, number> {
    const counts = new Map<Digest, number>();
    for (const id of members) {
      const said = id === this.#self ? digest : this.#others.get(id)?.get(round);
      if (said !== undefined && said !== blank) counts.set(said, (counts.get(said) ?? 0) + 1);
    }
    return counts;
  }
}

function dropOldest(rounds: Map<RoundNum, unknown>): void {
  if (rounds.size > keptMax) rounds.delete(Math.min(...rounds.keys()));
}
