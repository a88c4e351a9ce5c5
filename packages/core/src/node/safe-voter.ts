import type { AnyLogEntry, Candidacy, Codec, CoordNum, Entry, RoundNum, Voter } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import type { EncodedCandidateVote, EncodedProposalVote, VoterHooks } from '../protocol/index.ts';
import { callHook, isThenable } from './call-hook.ts';

const nothing = new Uint8Array();
const plainYea: { readonly vote: 'yea'; readonly data: Uint8Array } = { vote: 'yea', data: nothing };

/** What the voter is made of. */
export interface VoterParts<E extends AnyLogEntry> {
  readonly codec: Codec;
  decode(entry: Entry): E;
  onError(hook: string, error: unknown): void;
}

/** Makes an application's voter safe to ask: what throws counts as against, and is reported. */
export class SafeVoter<E extends AnyLogEntry> implements VoterHooks {
  readonly #parts: VoterParts<E>;
  #voter: Voter<E>;

  constructor(voter: Voter<E>, parts: VoterParts<E>) {
    this.#voter = voter;
    this.#parts = parts;
  }

  /** A decoration comes before what was there. */
  wrap(wrap: (next: Required<Voter<E>>) => Voter<E>): void {
    const inner = this.#voter;
    // What is no vote goes past the decoration, which could take it for a yea.
    const next: Required<Voter<E>> = {
      contemplateCandidate: (candidacy) =>
        inner.contemplateCandidate === undefined
          ? { vote: 'yea' }
          : checkedVote('contemplateCandidate', inner.contemplateCandidate(candidacy), 'abstain'),
      contemplateProposal: (proposal) =>
        inner.contemplateProposal === undefined
          ? { vote: 'yea' }
          : checkedVote('contemplateProposal', inner.contemplateProposal(proposal), 'nay'),
      observeCommit: (round, number) => inner.observeCommit?.(round, number),
    };
    const outer = wrap(next);
    this.#voter = {
      contemplateCandidate: (candidacy) =>
        outer.contemplateCandidate ? outer.contemplateCandidate(candidacy) : next.contemplateCandidate(candidacy),
      contemplateProposal: (proposal) =>
        outer.contemplateProposal ? outer.contemplateProposal(proposal) : next.contemplateProposal(proposal),
      observeCommit: (round, number) =>
        outer.observeCommit ? outer.observeCommit(round, number) : next.observeCommit(round, number),
    };
  }

  contemplateCandidate(candidacy: Candidacy): EncodedCandidateVote {
    if (this.#voter.contemplateCandidate === undefined) return plainYea;
    try {
      const vote = checkedVote('contemplateCandidate', this.#voter.contemplateCandidate(candidacy), 'abstain');
      return vote.vote === 'abstain' ? { vote: 'abstain', data: this.#encode(vote.data) } : plainYea;
    } catch (error) {
      this.#parts.onError('voter.contemplateCandidate', error);
      return { vote: 'abstain', data: nothing };
    }
  }

  contemplateProposal(round: RoundNum, number: CoordNum, entry: Entry): EncodedProposalVote {
    if (this.#voter.contemplateProposal === undefined) return plainYea;
    try {
      const decode = (): E | undefined => (entry.kind === 'application' ? this.#parts.decode(entry) : undefined);
      const proposal = { round, number, leader: number.node, entry: decode };
      const vote = checkedVote('contemplateProposal', this.#voter.contemplateProposal(proposal), 'nay');
      if (vote.vote === 'yea' && vote.data === undefined) return plainYea;
      return { vote: vote.vote, data: this.#encode(vote.data) };
    } catch (error) {
      this.#parts.onError('voter.contemplateProposal', error);
      return { vote: 'nay', data: nothing };
    }
  }

  observeCommit(round: RoundNum, number: CoordNum): void {
    if (this.#voter.observeCommit === undefined) return;
    callHook(
      () => this.#voter.observeCommit?.(round, number),
      (error) => this.#parts.onError('voter.observeCommit', error),
    );
  }

  #encode(data: unknown): Uint8Array {
    // A copy: the codec may give bytes that the application goes on writing to.
    return data === undefined ? nothing : new Uint8Array(this.#parts.codec.encode(data));
  }
}

function checkedVote<Vote>(hook: string, vote: Vote, against: 'abstain' | 'nay'): Vote {
  // A hook that is asynchronous by mistake must not bring the process down as well.
  if (isThenable(vote)) vote.then(undefined, () => {});
  const { vote: said } = (vote ?? {}) as { readonly vote?: unknown };
  if (said !== 'yea' && said !== against)
    throw new InvalidError(
      `voter.${hook}()`,
      vote,
      `give { vote: 'yea' } or { vote: '${against}' }, not a promise of it`,
    );
  return vote;
}
