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

/** How a set of members stands to the state of this node: a majority has it, or another one, or there can be none, or not yet. */
type Tally = 'for' | 'against' | 'split' | 'open';

interface Own {
  readonly digest: Digest;
  readonly members: readonly NodeId[];
  readonly trusted: () => readonly NodeId[];
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

  /**
   * This node's digest, and the members as of that round: a majority is one of theirs. Another one is needed of those whom the
   * node trusts, which it may come to see otherwise: as long as its state has not been confirmed, it may have made the members up.
   */
  own(
    round: RoundNum,
    digest: Digest,
    members: readonly NodeId[],
    trusted: () => readonly NodeId[] = () => members,
  ): void {
    this.#own.set(round, { digest, members, trusted, isSettled: false });
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

  /** The members, and those that are trusted, that have said nothing of this round. */
  silent(round: RoundNum): readonly NodeId[] {
    const all = [...electors(this.#own.get(round))];
    return all.filter((id) => id !== this.#self && this.#others.get(id)?.has(round) !== true);
  }

  /**
   * How this node's state stands to those of the members. Those that are trusted decide where they can. `isPatient`: they have had
   * their time; where none of them has another state, it is then enough that a majority of the members has this one, and not this
   * node alone.
   */
  judge(round: RoundNum, isPatient = false): Verdict {
    const own = this.#own.get(round);
    if (own === undefined) return 'open';
    const trusted = this.#tally(own, round, own.trusted());
    const governing = this.#tally(own, round, own.members);
    if (trusted === 'for' && governing === 'for') return 'equal';
    if (isPatient && this.lacksTrusted(round)) return 'equal';
    if (trusted !== 'for' && (trusted === 'against' || governing === 'against')) return 'diverged';
    return trusted === 'open' || governing === 'open' ? 'open' : 'undecided';
  }

  /** Whether nothing is lacking but a majority of those that are trusted, of whom none has another state. */
  lacksTrusted(round: RoundNum): boolean {
    const own = this.#own.get(round);
    if (own === undefined || this.#tally(own, round, own.members) !== 'for') return false;
    const trusted = own.trusted();
    if (this.#tally(own, round, trusted) === 'for') return false;
    const isOpposed = trusted.some((id) => ![undefined, blank, own.digest].includes(this.#said(own, round, id)));
    return !isOpposed && own.members.some((id) => id !== this.#self && this.#said(own, round, id) === own.digest);
  }

  /** Whether everybody has spoken, none has another state than this node, and those without one have nothing to lose. */
  isUnopposed(round: RoundNum): boolean {
    const own = this.#own.get(round);
    if (own?.members.includes(this.#self) !== true) return false;
    return [...electors(own)].every((id) => {
      const said = this.#said(own, round, id);
      return said === own.digest || said === blank;
    });
  }

  /** Forgets who was heard of first and is no member, or not any more. Gives whether there was one. */
  #dropStranger(): boolean {
    const members = electors(this.#own.get(Math.max(...this.#own.keys())));
    for (const id of this.#others.keys()) if (!members.has(id)) return this.#others.delete(id);
    return false;
  }

  /** How many different digests there are of a round. */
  views(round: RoundNum): number {
    const own = this.#own.get(round);
    return own === undefined ? 0 : this.#counts(own, round, electors(own)).size;
  }

  #tally(own: Own, round: RoundNum, members: readonly NodeId[]): Tally {
    const majority = Math.floor(members.length / 2) + 1;
    let voted = 0;
    let most = 0;
    for (const [digest, count] of this.#counts(own, round, members)) {
      if (count >= majority) return digest === own.digest ? 'for' : 'against';
      voted += count;
      most = Math.max(most, count);
    }
    return most + members.length - voted < majority ? 'split' : 'open';
  }

  /** Only members count; who is none may still see that it differs from them. */
  #counts(own: Own, round: RoundNum, members: Iterable<NodeId>): ReadonlyMap<Digest, number> {
    const counts = new Map<Digest, number>();
    for (const id of members) {
      const said = this.#said(own, round, id);
      if (said !== undefined && said !== blank) counts.set(said, (counts.get(said) ?? 0) + 1);
    }
    return counts;
  }

  #said({ digest }: Own, round: RoundNum, id: NodeId): Digest | undefined {
    return id === this.#self ? digest : this.#others.get(id)?.get(round);
  }
}

function electors(own: Own | undefined): ReadonlySet<NodeId> {
  return new Set(own === undefined ? [] : [...own.members, ...own.trusted()]);
}

function dropOldest(rounds: Map<RoundNum, unknown>): void {
  if (rounds.size > keptMax) rounds.delete(Math.min(...rounds.keys()));
}
