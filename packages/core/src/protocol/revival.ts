import type { CoordNum } from '../contracts/index.ts';
import { sameCoordNum } from './coord-num.ts';
import type { Kernel } from './kernel.ts';

/**
 * After a restart, brings rounds to an end that were accepted and are not known as committed, unless somebody else leads by
 * then: what was acknowledged must show again without any traffic (H8, H42).
 */
export class Revival {
  readonly #kernel: Kernel;
  #at = Number.POSITIVE_INFINITY;
  #greatest: CoordNum | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Sets out to do so, after a while that differs from node to node. */
  arm(): void {
    const { acceptor, now, settings, window } = this.#kernel;
    if (!this.#needed) return;
    const { attemptMs, retransmitMs } = settings.tuning;
    const alone = window.latest?.members.length === 1;
    this.#greatest = acceptor.greatest;
    this.#at = alone ? now : now + retransmitMs + settings.random() * attemptMs;
  }

  get #needed(): boolean {
    const { acceptor, learner, participation } = this.#kernel;
    return participation.type !== 'passive' && acceptor.accepted.some(({ round }) => round > learner.committed);
  }

  /** Whether to bid for leadership now. It is set anew, in case that comes to nothing. */
  due(): boolean {
    if (this.#at === Number.POSITIVE_INFINITY) return false;
    const { acceptor, now, outbox, self } = this.#kernel;
    if (now < this.#at) {
      outbox.wakeAt(this.#at);
      return false;
    }
    this.#at = Number.POSITIVE_INFINITY;
    const unled = acceptor.greatest?.node === self.id || sameCoordNum(acceptor.greatest, this.#greatest);
    if (!unled || !this.#needed) return false;
    this.arm();
    this.#at = Math.max(this.#at, now + this.#kernel.settings.tuning.attemptMs);
    outbox.wakeAt(this.#at);
    return true;
  }
}
