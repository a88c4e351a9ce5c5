import type { Fetcher } from './fetcher.ts';
import type { Kernel } from './kernel.ts';

/**
 * Tells the others how far a leader is until they are as far, so that the last commit, lost, is not lost for good; silent
 * while they get further by themselves, and when all are level.
 */
export class Nudger {
  readonly #kernel: Kernel;
  readonly #fetcher: Fetcher;

  constructor(kernel: Kernel, fetcher: Fetcher) {
    this.#kernel = kernel;
    this.#fetcher = fetcher;
  }

  nudge(): void {
    const { audience, learner, now, outbox, peers, settings } = this.#kernel;
    const { retransmitMs, retransmitMsMax } = settings.tuning;
    for (const node of audience) {
      const peer = peers.get(node.id) ?? peers.heard(node, now);
      if (peer.committed >= learner.committed) {
        peer.nudgeMs = retransmitMs;
        peer.behindSince = undefined;
        continue;
      }
      peer.behindSince ??= now;
      const due = Math.max(peer.movedAt + retransmitMs, peer.behindSince + retransmitMs, peer.nudgedAt + peer.nudgeMs);
      if (now < due) {
        outbox.wakeAt(due);
        continue;
      }
      peer.nudgedAt = now;
      peer.nudgeMs = Math.min(Math.max(peer.nudgeMs * 2, retransmitMs), retransmitMsMax);
      outbox.wakeAt(now + peer.nudgeMs);
      this.#fetcher.tell([node], true);
    }
  }
}
