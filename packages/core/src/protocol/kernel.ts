import type {
  Founding,
  IncarnationId,
  Message,
  NodeId,
  NodeInfo,
  Participation,
  RoundNum,
  SeenVote,
} from '../contracts/index.ts';
import { Acceptor } from './acceptor.ts';
import { compareCoordNums } from './coord-num.ts';
import { greatestCounterIn } from './greatest-counter-in.ts';
import { invariant } from './invariant.ts';
import { Learner } from './learner.ts';
import { Outbox } from './outbox.ts';
import { Peers } from './peers.ts';
import type { ReplicaSettings } from './settings.ts';
import { Window } from './window.ts';

/** A peer may name a counter that exceeds the greatest known one by this much. Bids raise counters by one. */
const counterStepMax = 2 ** 32;

/** Milliseconds between two reports about one peer. */
const reportMs = 10_000;

/** The node remembers this many peers that it has reported. */
const reportedMax = 256;

/** What the roles of one replica share. */
export class Kernel {
  readonly settings: ReplicaSettings;
  readonly outbox: Outbox = new Outbox();
  readonly acceptor: Acceptor = new Acceptor();
  readonly learner: Learner;
  readonly window: Window = new Window();
  readonly peers: Peers = new Peers((id) => this.knows(id));
  incarnation: IncarnationId;
  founding: Founding | undefined;
  participation: Participation = { type: 'passive' };
  /** Every other node that this one speaks to: members that govern, will govern, or are named. */
  audience: readonly NodeInfo[];
  readonly #reportedAt = new Map<NodeId, number>();

  constructor(settings: ReplicaSettings) {
    this.settings = settings;
    this.incarnation = settings.incarnation;
    this.learner = new Learner(settings.tuning.recentBytesMax);
    this.audience = settings.initial.members.filter((member) => member.id !== settings.self.id);
  }

  get self(): NodeInfo {
    return this.settings.self;
  }

  get now(): number {
    return this.outbox.now;
  }

  /** Returns whether this node speaks to that one: a member that governs, will govern, or is named. */
  knows(id: NodeId): boolean {
    return this.audience.some((node) => node.id === id);
  }

  /** Whether this node is a member by what it knows, now or in rounds to come; undefined before the founding. */
  get member(): boolean | undefined {
    const { founding, self, window } = this;
    if (founding === undefined) return undefined;
    const named = window.members.some((member) => member.id === self.id);
    return named || window.epochs.some((epoch) => epoch.incarnations.has(self.id));
  }

  /** Somebody saw this incarnation vote. Where it does not know of that, its storage was put back to an older state (H9). */
  checkVote({ incarnation, number }: SeenVote): void {
    if (incarnation !== this.incarnation) return;
    const { promised } = this.acceptor;
    invariant(
      promised !== undefined && compareCoordNums(promised, number) >= 0,
      'P2: the storage does not hold what this node voted: it was put back to an older state; start the node on an empty one',
    );
  }

  /** Reports a peer whose message cannot be right and is dropped (H80): at most once in a while, however often it comes. */
  distrust(peer: NodeId, reason: string): void {
    const reportedAt = this.#reportedAt.get(peer);
    if (reportedAt !== undefined && this.now < reportedAt + reportMs) return;
    if (this.#reportedAt.size >= reportedMax) this.#reportedAt.clear();
    this.#reportedAt.set(peer, this.now);
    this.outbox.emit({ type: 'distrust', peer, reason });
  }

  /** Returns whether a message must be dropped before it is looked into, and reports its sender then. */
  distrusts(sender: NodeInfo, message: Message): boolean {
    if (sender.id === this.self.id) {
      this.distrust(sender.id, 'another process sends under the id of this node: give each process an id of its own');
      return true;
    }
    const counter = greatestCounterIn(message);
    const most = (this.acceptor.greatest?.counter ?? 0) + counterStepMax;
    if (counter <= most) return false;
    this.distrust(
      sender.id,
      `its ${message.type} message names the counter ${counter}; the greatest plausible one is ${most}`,
    );
    return true;
  }

  /** Returns whether the votes of this incarnation count in the round, or would count beyond the window as things stand. */
  mayVote(round: RoundNum): boolean {
    const { latest, reach } = this.window;
    const epoch = round > reach ? latest : this.window.epochOf(round);
    return epoch?.incarnations.get(this.self.id) === this.incarnation;
  }

  /** The first round from `round` on in which the votes of this incarnation count. */
  votesFrom(round: RoundNum): RoundNum | undefined {
    const { epochs } = this.window;
    for (let index = 0; index < epochs.length; index += 1) {
      const end = epochs[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      const epoch = epochs[index];
      if (epoch !== undefined && round < end && epoch.incarnations.get(this.self.id) === this.incarnation)
        return Math.max(round, epoch.from);
    }
    return undefined;
  }

  /** The state names other members, or the window has moved on to others. */
  refreshAudience(): void {
    const audience = new Map<NodeId, NodeInfo>();
    if (this.founding === undefined)
      for (const member of this.settings.initial.members) audience.set(member.id, member);
    for (const epoch of this.window.epochs) for (const member of epoch.members) audience.set(member.id, member);
    for (const member of this.window.members) audience.set(member.id, member);
    audience.delete(this.self.id);
    const next = [...audience.values()];
    const same =
      next.length === this.audience.length &&
      next.every(
        (info, index) => info.id === this.audience[index]?.id && info.address === this.audience[index]?.address,
      );
    if (!same) this.audience = next;
  }

  /** Derives from the log in which rounds the votes of this incarnation count (rule P10). */
  refreshParticipation(): void {
    const next = this.#participation();
    const { participation } = this;
    const same =
      next.type === participation.type &&
      (next.type !== 'partiallyActive' ||
        (participation.type === 'partiallyActive' && next.from === participation.from));
    if (same) return;
    this.participation = next;
    this.outbox.emit({ type: 'activate', participation: next });
  }

  #participation(): Participation {
    const first = this.window.epochs.find((epoch) => epoch.incarnations.get(this.self.id) === this.incarnation);
    if (first === undefined) return { type: 'passive' };
    // What was active stays so: losing the state loses no promise.
    const oriented = !this.learner.disoriented || this.participation.type === 'active';
    if (first.from <= this.learner.committed + 1 && oriented) return { type: 'active' };
    return { type: 'partiallyActive', from: first.from };
  }
}
