import type { NodeId, RejoinMessage } from '../contracts/index.ts';
import type { Kernel } from './kernel.ts';

/** After so many requests without effect a node that does not lead takes leadership for it. */
const patience = 3;

/** Gets a lost memory, or a newcomer's first one, into the log (rule P10), for this node and for others. */
export class Rejoining {
  readonly #kernel: Kernel;
  readonly #isLeading: () => boolean;
  readonly #append: (node: RejoinMessage['node'], memory: string) => void;
  #attempt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askMs = 0;
  /** Requests that have been appended, or are about to be. */
  readonly #granted = new Map<NodeId, { readonly memory: string; readonly until: number }>();

  constructor(kernel: Kernel, isLeading: () => boolean, append: (node: RejoinMessage['node'], memory: string) => void) {
    this.#kernel = kernel;
    this.#isLeading = isLeading;
    this.#append = append;
  }

  /** Asks, again and again, while this node's memory is not in the log as far as it knows. */
  ask(): void {
    const { founding, memory, outbox, participation, self, settings, window, audience } = this.#kernel;
    const asks = settings.origin === 'newcomer' || founding !== undefined;
    if (!asks || participation.type !== 'passive' || window.memoryOf(self.id) === memory) return;
    const due = this.#askedAt + this.#askMs;
    if (outbox.now < due) {
      outbox.wakeAt(due);
      return;
    }
    this.#attempt += 1;
    this.#askedAt = outbox.now;
    this.#askMs = Math.min(Math.max(this.#askMs * 2, settings.tuning.retransmitMs), settings.tuning.retransmitMsMax);
    outbox.send(audience, { type: 'rejoin', node: self, memory, attempt: this.#attempt });
    outbox.wakeAt(outbox.now + this.#askMs);
  }

  /** Another node asks: the leader appends it, or, where there seems to be none, one of the others. */
  asked({ node, memory, attempt }: RejoinMessage): void {
    const { founding, learner, outbox, participation, self, settings, window } = this.#kernel;
    if (founding !== undefined) outbox.send([node], { type: 'founded', founding, committed: learner.committed });
    if (participation.type !== 'active' || window.memoryOf(node.id) === memory) return;
    const voters =
      window.latest?.members
        .map((member) => member.id)
        .filter((id) => id !== node.id)
        .sort() ?? [];
    const turn = attempt > patience && voters[attempt % voters.length] === self.id;
    if (!this.#isLeading() && !turn) return;
    const granted = this.#granted.get(node.id);
    if (granted?.memory === memory && outbox.now < granted.until) return;
    this.#granted.set(node.id, { memory, until: outbox.now + settings.tuning.attemptMs * 2 });
    this.#append(node, memory);
  }
}
