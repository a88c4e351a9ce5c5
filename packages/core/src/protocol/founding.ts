import type {
  FoundedMessage,
  Founding as FoundingOf,
  MeetMessage,
  Memories,
  MemoryId,
  NodeId,
  NodeInfo,
} from '../contracts/index.ts';
import type { Kernel } from './kernel.ts';

/**
 * Founds a cluster once, when all its founders have met: each has heard from every other one the very same memory ids
 * (rule P10). A founder that is told that the cluster runs already takes that over.
 */
export class Founding {
  readonly #kernel: Kernel;
  readonly #onFounded: (founding: FoundingOf) => void;
  readonly #met = new Map<NodeId, MemoryId>();
  /** Who claims to have met whom. */
  readonly #claims = new Map<NodeId, string>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #tellMs = 0;

  constructor(kernel: Kernel, onFounded: (founding: FoundingOf) => void) {
    this.#kernel = kernel;
    this.#onFounded = onFounded;
    this.#met.set(kernel.self.id, kernel.memory);
  }

  get #members(): readonly NodeInfo[] {
    return this.#kernel.settings.initial.members;
  }

  get #memories(): Memories {
    return this.#members.flatMap(({ id }) => {
      const memory = this.#met.get(id);
      return memory === undefined ? [] : [[id, memory] as const];
    });
  }

  /** Says whom this node has met, again and again, until the cluster is founded. */
  tell(now: boolean): void {
    const { outbox, settings, self, memory, founding } = this.#kernel;
    if (founding !== undefined || settings.origin !== 'founder') return;
    const due = this.#toldAt + this.#tellMs;
    if (!now && outbox.now < due) {
      outbox.wakeAt(due);
      return;
    }
    this.#tellMs = Math.min(Math.max(this.#tellMs * 2, settings.tuning.retransmitMs), settings.tuning.retransmitMsMax);
    this.#toldAt = outbox.now;
    const memories = this.#memories;
    this.#claims.set(self.id, claim(memories));
    outbox.send(
      this.#members.filter((member) => member.id !== self.id),
      { type: 'meet', memory, memories },
    );
    outbox.wakeAt(outbox.now + this.#tellMs);
    this.#conclude();
  }

  met(sender: NodeInfo, message: MeetMessage): void {
    const { founding, outbox, learner, settings } = this.#kernel;
    if (founding !== undefined) {
      outbox.send([sender], { type: 'founded', founding, committed: learner.committed });
      return;
    }
    if (settings.origin !== 'founder' || !this.#members.some((member) => member.id === sender.id)) return;
    const news = this.#met.get(sender.id) !== message.memory;
    this.#met.set(sender.id, message.memory);
    const before = this.#claims.get(sender.id);
    const claimed = claim(message.memories);
    this.#claims.set(sender.id, claimed);
    if (news || before !== claimed) this.tell(true);
    else this.#conclude();
  }

  #conclude(): void {
    if (this.#kernel.founding !== undefined) return;
    const memories = this.#memories;
    const own = claim(memories);
    if (memories.length < this.#members.length) return;
    if (this.#members.some((member) => this.#claims.get(member.id) !== own)) return;
    this.#onFounded({ members: this.#members, memories });
  }

  /** The cluster runs already. */
  founded({ founding }: FoundedMessage): void {
    if (this.#kernel.founding === undefined) this.#onFounded(founding);
  }
}

function claim(memories: Memories): string {
  return memories
    .map(([node, memory]) => `${memory} ${node}`)
    .sort()
    .join('\n');
}
