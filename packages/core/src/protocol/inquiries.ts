import type { NodeInfo, RoundNum } from '../contracts/index.ts';
import type { AttemptFailure } from './effect.ts';
import type { AppendRequest } from './input.ts';
import type { Kernel } from './kernel.ts';
import { majorityOf } from './majority-of.ts';
import { noQuorum } from './no-quorum.ts';

interface Inquiry {
  readonly key: number;
  readonly round: RoundNum;
  readonly deadline: number;
  readonly answered: Set<string>;
}

/** Appends that may not gain leadership, and ask up to a majority whether their round has converged before they fail. */
export class Inquiries {
  readonly #kernel: Kernel;
  #inquiries: Inquiry[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  start(request: AppendRequest): void {
    const { acceptor, audience, learner, incarnation, now, outbox, self, settings } = this.#kernel;
    const round = request.rounds?.from ?? learner.committed + 1;
    const deadline = now + settings.tuning.attemptMs;
    this.#inquiries.push({ key: request.key, round, deadline, answered: new Set() });
    const number = acceptor.greatest ?? { counter: 0, node: self.id, incarnation };
    outbox.send(audience, { type: 'inquire', number, round });
    this.check();
  }

  /** A node said how far it is. */
  answered(sender: NodeInfo, committed: RoundNum): void {
    if (this.#inquiries.length === 0) return;
    const { learner, outbox } = this.#kernel;
    for (const inquiry of this.#inquiries) {
      inquiry.answered.add(sender.id);
      if (committed < inquiry.round) continue;
      const caughtUp = learner.committed >= inquiry.round;
      outbox.settle(inquiry.key, { type: 'failed', failure: { code: 'converged', effect: 'none', caughtUp } });
      this.#drop(inquiry);
    }
    this.check();
  }

  abandon(key: number): boolean {
    const inquiry = this.#inquiries.find((candidate) => candidate.key === key);
    if (inquiry === undefined) return false;
    this.#kernel.outbox.settle(key, { type: 'failed', failure: { code: 'aborted', effect: 'none' } });
    this.#drop(inquiry);
    return true;
  }

  /** Ends inquiries that a majority has answered, or whose time is up. */
  check(): void {
    const { audience, now, outbox } = this.#kernel;
    for (const inquiry of this.#inquiries) {
      const enough = inquiry.answered.size + 1 >= majorityOf(audience.length + 1);
      if (!enough && now < inquiry.deadline) {
        outbox.wakeAt(inquiry.deadline);
        continue;
      }
      const failure = enough ? this.#lost() : noQuorum(this.#kernel, undefined, undefined);
      outbox.settle(inquiry.key, { type: 'failed', failure });
      this.#drop(inquiry);
    }
  }

  #lost(): AttemptFailure {
    const { acceptor, self } = this.#kernel;
    const owner = acceptor.greatest?.node;
    return { code: 'lost', effect: 'none', leader: owner === self.id ? undefined : owner };
  }

  /** Ends them all: the node stops. */
  stop(): void {
    for (const { key } of this.#inquiries) {
      this.#kernel.outbox.settle(key, { type: 'failed', failure: { code: 'shutDown', effect: 'none' } });
    }
    this.#inquiries = [];
  }

  #drop(inquiry: Inquiry): void {
    this.#inquiries = this.#inquiries.filter((other) => other !== inquiry);
  }
}
