import type {
  FoundedMessage,
  Founding as FoundingOf,
  IncarnationId,
  Incarnations,
  MeetMessage,
  NodeId,
  NodeInfo,
} from '../contracts/index.ts';
import type { Kernel } from './kernel.ts';

/**
 * Founds a cluster once, when all its founders have met (rule P10).
 *
 * A founder that hears the same incarnations, one of each founder, from all of them binds itself to these, durably and for as
 * long as its memory lasts; so does one that is told of such a bond before it has one, even where that names a former memory of
 * its own. The cluster is founded as what all founders are bound to. Two foundings would need that every one of them lost its
 * memory in between.
 */
export class Founding {
  readonly #kernel: Kernel;
  readonly #onFounded: (founding: FoundingOf) => void;
  readonly #met = new Map<NodeId, IncarnationId>();
  /** Whom each founder last said that it has met. */
  readonly #heard = new Map<NodeId, string>();
  /** What each other founder is bound to, in any of its lives. */
  readonly #bonds = new Map<NodeId, Set<string>>();
  #bond: Incarnations | undefined;
  #bondTicket = 0;
  /** Whether the others have been told of the bond. */
  #isToldOf = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #tellMs = 0;

  constructor(kernel: Kernel, onFounded: (founding: FoundingOf) => void) {
    this.#kernel = kernel;
    this.#onFounded = onFounded;
    this.#met.set(kernel.self.id, kernel.incarnation);
  }

  get #members(): readonly NodeInfo[] {
    return this.#kernel.settings.initial.members;
  }

  get #incarnations(): Incarnations {
    return this.#members.flatMap(({ id }) => {
      const incarnation = this.#met.get(id);
      return incarnation === undefined ? [] : [[id, incarnation] as const];
    });
  }

  /** Takes up a bond from before a restart. */
  restore(incarnations: Incarnations): void {
    this.#bond = incarnations;
  }

  /** Says whom this node has met, or what it is bound to, again and again, until the cluster is founded. */
  tell(now: boolean): void {
    const { outbox, settings, self, incarnation, founding } = this.#kernel;
    if (founding !== undefined || settings.origin !== 'founder') return;
    const due = this.#toldAt + this.#tellMs;
    if (!now && outbox.now < due) {
      outbox.wakeAt(due);
      return;
    }
    this.#tellMs = Math.min(Math.max(this.#tellMs * 2, settings.tuning.retransmitMs), settings.tuning.retransmitMsMax);
    this.#toldAt = outbox.now;
    this.#heard.set(self.id, nameOf(this.#incarnations));
    this.#agree();
    const others = this.#members.filter((member) => member.id !== self.id);
    const incarnations = this.#bond ?? this.#incarnations;
    // A bond must not be heard of before it is durable, and nothing else any more.
    this.#isToldOf = this.#isBound;
    if (this.#bond === undefined || this.#isBound) {
      outbox.send(others, { type: 'meet', incarnation, incarnations, bound: this.#isBound });
    }
    outbox.wakeAt(outbox.now + this.#tellMs);
    this.#conclude();
  }

  /** Whether the bond is durable, so that others may hear of it. */
  get #isBound(): boolean {
    return this.#bond !== undefined && this.#bondTicket <= this.#kernel.outbox.durable;
  }

  met(sender: NodeInfo, message: MeetMessage): void {
    const { founding, outbox, learner, settings, window } = this.#kernel;
    if (founding !== undefined) {
      const incarnation = window.incarnationOf(sender.id);
      outbox.send([sender], { type: 'founded', founding, incarnation, committed: learner.committed });
      return;
    }
    if (settings.origin !== 'founder' || !this.#members.some((member) => member.id === sender.id)) return;
    const isNews = message.bound
      ? this.#noteBond(sender.id, message.incarnations)
      : this.#noteMeeting(sender.id, message);
    if (isNews) this.tell(true);
    else this.#conclude();
  }

  #noteBond(sender: NodeId, incarnations: Incarnations): boolean {
    const bonds = this.#bonds.get(sender) ?? new Set();
    const isNews = !bonds.has(nameOf(incarnations));
    this.#bonds.set(sender, bonds.add(nameOf(incarnations)));
    if (this.#bond === undefined) this.#bind(incarnations);
    else if (isNews && nameOf(incarnations) !== nameOf(this.#bond)) this.#reportConflict(sender);
    return isNews;
  }

  /** Founders lost their memory just as they met. Nothing has been appended yet, and nothing will be. */
  #reportConflict(peer: NodeId): void {
    const reason =
      'it is bound to found the cluster with other incarnations: stop all founders, remove what they stored, and start anew';
    this.#kernel.distrust(peer, reason);
  }

  #noteMeeting(sender: NodeId, { incarnation, incarnations }: MeetMessage): boolean {
    const name = nameOf(incarnations);
    const isNews = this.#met.get(sender) !== incarnation || this.#heard.get(sender) !== name;
    this.#met.set(sender, incarnation);
    this.#heard.set(sender, name);
    return isNews;
  }

  /** Binds this node where all founders say that they have met the same. */
  #agree(): void {
    const incarnations = this.#incarnations;
    if (this.#bond !== undefined || incarnations.length < this.#members.length) return;
    const name = nameOf(incarnations);
    if (this.#members.every((member) => this.#heard.get(member.id) === name)) this.#bind(incarnations);
  }

  #bind(incarnations: Incarnations): void {
    this.#bond = incarnations;
    this.#bondTicket = this.#kernel.outbox.persist([{ type: 'bind', incarnations }]);
  }

  /** The bond may be durable now. */
  persisted(): void {
    if (this.#isBound && !this.#isToldOf) this.tell(true);
  }

  #conclude(): void {
    const { founding, self } = this.#kernel;
    if (founding !== undefined || this.#bond === undefined || !this.#isBound) return;
    const name = nameOf(this.#bond);
    if (this.#members.every(({ id }) => id === self.id || this.#bonds.get(id)?.has(name) === true)) {
      this.#onFounded({ members: this.#members, incarnations: this.#bond });
    }
  }

  /** The cluster runs already. */
  founded({ founding }: FoundedMessage): void {
    if (this.#kernel.founding === undefined) this.#onFounded(founding);
  }
}

function nameOf(incarnations: Incarnations): string {
  return incarnations
    .map(([node, incarnation]) => `${incarnation} ${node}`)
    .sort()
    .join('\n');
}
