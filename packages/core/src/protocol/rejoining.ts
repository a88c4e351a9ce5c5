import type { IncarnationId, NodeId, NodeInfo, RejoinMessage } from '../contracts/index.ts';
import type { Kernel } from './kernel.ts';
import type { Rejoin } from './settings.ts';

/** After so many requests without effect a node that does not lead takes leadership for it. */
const patience = 3;

/** Gets a new incarnation, or a newcomer's first one, into the log (rule P10), for this node and for others. */
export class Rejoining {
  readonly #kernel: Kernel;
  readonly #isLeading: () => boolean;
  readonly #append: (rejoin: Rejoin) => void;
  /** What the log names for this node, as somebody who follows it last told; else it is as this node itself knows. */
  #told: { readonly incarnation: IncarnationId | undefined } | undefined;
  #attempt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askMs = 0;
  /** Requests that have been appended, or are about to be. */
  readonly #granted = new Map<NodeId, { readonly incarnation: string; readonly until: number }>();

  constructor(kernel: Kernel, isLeading: () => boolean, append: (rejoin: Rejoin) => void) {
    this.#kernel = kernel;
    this.#isLeading = isLeading;
    this.#append = append;
  }

  /** Asks, again and again, while this node's incarnation is not in the log as far as it knows. */
  ask(): void {
    const { founding, incarnation, outbox, participation, self, settings, window, audience } = this.#kernel;
    const asks = settings.origin === 'newcomer' || founding !== undefined;
    if (!asks || participation.type !== 'passive' || window.incarnationOf(self.id) === incarnation) return;
    const due = this.#askedAt + this.#askMs;
    if (outbox.now < due) {
      outbox.wakeAt(due);
      return;
    }
    this.#attempt += 1;
    this.#askedAt = outbox.now;
    this.#askMs = Math.min(Math.max(this.#askMs * 2, settings.tuning.retransmitMs), settings.tuning.retransmitMsMax);
    const replaces = this.#told === undefined ? window.incarnationOf(self.id) : this.#told.incarnation;
    outbox.send(audience, { type: 'rejoin', node: self, incarnation, replaces, attempt: this.#attempt });
    outbox.wakeAt(outbox.now + this.#askMs);
  }

  /** Somebody says what the log names for this node. */
  told(incarnation: IncarnationId | undefined): void {
    this.#told = { incarnation };
  }

  /** Another node asks for itself: the leader appends it, or, if there seems to be none, one of the others. */
  asked(sender: NodeInfo, { node, incarnation, replaces, attempt }: RejoinMessage): void {
    const { founding, learner, outbox, participation, self, settings, window } = this.#kernel;
    if (sender.id !== node.id) return this.#kernel.distrust(sender.id, `it asks to rejoin as ${node.id} (H79)`);
    if (founding === undefined) return;
    const logged = window.incarnationOf(node.id);
    outbox.send([sender], { type: 'founded', founding, incarnation: logged, committed: learner.committed });
    if (participation.type !== 'active' || logged === incarnation || logged !== replaces) return;
    const voters =
      window.latest?.members
        .map((member) => member.id)
        .filter((id) => id !== node.id)
        .sort() ?? [];
    const turn = attempt > patience && voters[attempt % voters.length] === self.id;
    if (!this.#isLeading() && !turn) return;
    const granted = this.#granted.get(node.id);
    if (granted?.incarnation === incarnation && outbox.now < granted.until) return;
    this.#granted.set(node.id, { incarnation, until: outbox.now + settings.tuning.attemptMs * 2 });
    this.#append({ node, incarnation, replaces });
  }
}
