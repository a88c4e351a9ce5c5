import type {
  CommitMessage,
  CoordNum,
  Entry,
  NodeInfo,
  PrepareMessage,
  Proposal,
  ProposeMessage,
  RoundNum,
} from '../contracts/index.ts';
import { compareCoordNums, sameCoordNum } from './coord-num.ts';
import type { DurableRecord } from './durable-record.ts';
import type { Kernel } from './kernel.ts';
import { splitRuns } from './runs.ts';
import { sameBytes } from './same-bytes.ts';

const noData: readonly Uint8Array[] = [];

/** Consecutive rounds that get the same answer. */
interface Stretch {
  readonly from: RoundNum;
  to: RoundNum;
}

/** Answers leaders and candidates as an acceptor, and learns from commits. */
export class Voting {
  readonly #kernel: Kernel;
  /** The last number that was promised. One under which something was accepted need not be: the voter has its say first. */
  #helped: CoordNum | undefined;
  /** Called when this node has promised or accepted under somebody's number. */
  readonly #onPromised: (number: CoordNum) => void;
  /** Called for each round that becomes known as committed. */
  readonly #onLearned: (round: RoundNum, number: CoordNum, entry: Entry) => void;
  /** Called when a committed round's entry is lacking. */
  readonly #onMissing: (sender: NodeInfo, round: RoundNum) => void;
  /** Called when a committed round lies beyond one that is not known. */
  readonly #onGap: (sender: NodeInfo) => void;

  constructor(
    kernel: Kernel,
    onPromised: (number: CoordNum) => void,
    onLearned: (round: RoundNum, number: CoordNum, entry: Entry) => void,
    onMissing: (sender: NodeInfo, round: RoundNum) => void,
    onGap: (sender: NodeInfo) => void,
  ) {
    this.#kernel = kernel;
    this.#onPromised = onPromised;
    this.#onLearned = onLearned;
    this.#onMissing = onMissing;
    this.#onGap = onGap;
  }

  prepare(sender: NodeInfo, { number, from }: PrepareMessage): void {
    const { acceptor, learner, outbox, settings, incarnation } = this.#kernel;
    const leader = acceptor.greatest?.node;
    acceptor.observe(number);
    this.#directive('prepare', number, from, from);
    // A candidate knows every round below the one that it asks from. Beyond its window this node cannot vote: it fetches (H91).
    if (from > this.#kernel.window.reach) this.#onMissing(sender, from - 1);
    const bound = this.#kernel.votesFrom(from);
    if (bound === undefined) return;
    if (acceptor.refuses(number)) return this.#supplant(sender, number);
    if (from <= learner.committed) return this.#converged(sender, number, from, learner.committed);
    if (!sameCoordNum(this.#helped, number)) {
      const vote = settings.voter.contemplateCandidate({ round: from, number, candidate: number.node, leader });
      if (vote.vote === 'abstain') {
        outbox.send([sender], { type: 'abstention', number, incarnation, data: vote.data });
        return;
      }
    }
    this.#helped = number;
    const record = acceptor.promise(number);
    const { accepted, through } = acceptor.report(bound, settings.tuning.messageEntryBytesMax);
    const { committed } = learner;
    const reply = { type: 'promise', number, incarnation, from: bound, through, accepted, committed } as const;
    if (record === undefined) outbox.sendDurably(sender, reply);
    else outbox.persist([record], [{ type: 'send', to: [sender], message: reply }]);
    this.#onPromised(number);
  }

  #supplant(sender: NodeInfo, refused: CoordNum): void {
    const { acceptor, outbox } = this.#kernel;
    outbox.send([sender], { type: 'supplanted', refused, greatest: acceptor.greatest ?? refused });
  }

  /** The rounds are committed: says so, and how, where that is at hand. */
  #converged(sender: NodeInfo, refused: CoordNum, from: RoundNum, to: RoundNum): void {
    const { acceptor, learner, outbox, settings } = this.#kernel;
    const { committed } = learner;
    outbox.send([sender], {
      type: 'converged',
      refused,
      greatest: acceptor.greatest ?? refused,
      round: from,
      committed,
    });
    const entries = learner.slice(from, to, settings.tuning.messageEntryBytesMax);
    if (entries.length > 0) outbox.send([sender], { type: 'entries', entries, committed });
  }

  propose(sender: NodeInfo, { number, from, entries }: ProposeMessage): void {
    const { acceptor, participation } = this.#kernel;
    acceptor.observe(number);
    this.#directive('accept', number, from, from + entries.length - 1);
    if (participation.type === 'passive') return;
    if (acceptor.refuses(number)) return this.#supplant(sender, number);
    const fresh: Proposal[] = [];
    const known: Stretch[] = [];
    const held: Stretch[] = [];
    for (let index = 0; index < entries.length; index += 1) {
      const round = from + index;
      const entry = entries[index] as Entry;
      if (this.#kernel.learner.knows(round)) stretch(known, round);
      else if (acceptor.contradicts(round, number, entry))
        this.#kernel.distrust(sender.id, `two entries under one number in round ${round} (P4)`);
      else if (acceptor.holds(round, number)) stretch(held, round);
      else if (this.#mayAccept(sender, round, number, entry)) fresh.push({ round, number, entry });
    }
    for (const { from: first, to } of known) this.#converged(sender, number, first, to);
    for (const { from: first, to } of held) this.#confirm(sender, number, first, to);
    if (fresh.length > 0) this.#accept(sender, number, fresh);
  }

  #mayAccept(sender: NodeInfo, round: RoundNum, number: CoordNum, entry: Entry): boolean {
    const { learner, settings, outbox, incarnation } = this.#kernel;
    if (!this.#kernel.mayVote(round)) return false;
    if (round > learner.committed + settings.tuning.acceptAheadMax) {
      // Its leader goes no further ahead of what it knows: it knows more.
      this.#onGap(sender);
      return false;
    }
    const vote = settings.voter.contemplateProposal(round, number, entry);
    if (vote.vote === 'nay') {
      outbox.send([sender], { type: 'rejection', number, incarnation, round, data: vote.data });
      return false;
    }
    if (vote.data.length > 0) this.#data.set(round, vote.data);
    return true;
  }

  /** Yea data of the message at hand. */
  readonly #data = new Map<RoundNum, Uint8Array>();

  #accept(sender: NodeInfo, number: CoordNum, fresh: readonly Proposal[]): void {
    const { acceptor, learner, outbox, incarnation } = this.#kernel;
    const { committed } = learner;
    for (const run of splitRuns(fresh, Number.POSITIVE_INFINITY)) {
      const first = (run[0] as Proposal).round;
      const to = first + run.length - 1;
      const record: DurableRecord = acceptor.accept(
        number,
        first,
        run.map((proposal) => proposal.entry),
      );
      const data = this.#data.size === 0 ? noData : run.map(({ round }) => this.#data.get(round) ?? new Uint8Array());
      const message = { type: 'acceptance', number, incarnation, from: first, to, committed, data } as const;
      outbox.persist([record], [{ type: 'send', to: [sender], message }]);
    }
    this.#data.clear();
    this.#onPromised(number);
  }

  /** Says once more what was said before: the first answer may be lost. */
  #confirm(sender: NodeInfo, number: CoordNum, from: RoundNum, to: RoundNum): void {
    const { learner, outbox, incarnation } = this.#kernel;
    const { committed } = learner;
    outbox.sendDurably(sender, { type: 'acceptance', number, incarnation, from, to, committed, data: noData });
  }

  /** A commit by id counts only where the very proposal was accepted (rule P8). */
  commit(sender: NodeInfo, { number, from, ids }: CommitMessage): void {
    const { acceptor, learner, outbox } = this.#kernel;
    acceptor.observe(number);
    this.#directive('commit', number, from, from + ids.length - 1);
    const learned: Stretch[] = [];
    let missing: RoundNum | undefined;
    for (let index = 0; index < ids.length; index += 1) {
      const round = from + index;
      if (learner.knows(round)) continue;
      const held = acceptor.acceptedIn(round);
      if (
        held === undefined ||
        !sameCoordNum(held.number, number) ||
        !sameBytes(held.entry.id, ids[index] as Uint8Array)
      ) {
        missing = round;
        continue;
      }
      learner.learn(round, number, held.entry);
      stretch(learned, round);
      this.#onLearned(round, number, held.entry);
    }
    for (const { from: first, to } of learned) outbox.note({ type: 'commit', number, from: first, to });
    if (missing !== undefined) this.#onMissing(sender, missing);
    else if (learner.hasGap) this.#onGap(sender);
  }

  /**
   * Learns committed entries in full.
   *
   * A message that contradicts a learned entry is dropped (H80). An entry beyond the window proves only that this node is behind,
   * unless it follows directly on what this node knows (H78).
   */
  entries(sender: NodeInfo, proposals: readonly Proposal[]): void {
    const { acceptor, learner, outbox, window } = this.#kernel;
    const contradiction = proposals.find(({ round, entry }) => learner.contradicts(round, entry));
    if (contradiction !== undefined)
      return this.#kernel.distrust(sender.id, `another entry than the committed one in round ${contradiction.round}`);
    const news: Proposal[] = [];
    for (const proposal of proposals) {
      const { round, number, entry } = proposal;
      if (round > Math.max(window.reach, learner.committed + 1)) {
        this.#onMissing(sender, round);
        break;
      }
      acceptor.observe(number);
      if (!learner.learn(round, number, entry)) continue;
      news.push(proposal);
      this.#onLearned(round, number, entry);
    }
    if (news.length > 0) outbox.note({ type: 'entries', entries: news });
  }

  #directive(kind: 'prepare' | 'accept' | 'commit', number: CoordNum, from: RoundNum, to: RoundNum): void {
    const { outbox, acceptor } = this.#kernel;
    if (acceptor.promised !== undefined && compareCoordNums(number, acceptor.promised) < 0 && kind !== 'commit') return;
    outbox.emit({ type: 'directive', kind, leader: number.node, number, rounds: { from, to }, at: outbox.now });
  }
}

function stretch(stretches: Stretch[], round: RoundNum): void {
  const last = stretches.at(-1);
  if (last !== undefined && last.to + 1 === round) last.to = round;
  else stretches.push({ from: round, to: round });
}
