import type { Entry, RoundNum } from '../contracts/index.ts';
import type { AppendBook, AppendItem } from './append-book.ts';
import type { Campaign } from './campaign.ts';
import type { AttemptFailure } from './effect.ts';
import type { AppendRequest } from './input.ts';
import type { Inquiries } from './inquiries.ts';
import type { Kernel } from './kernel.ts';
import { noQuorum } from './no-quorum.ts';

/** Lets appends in, or says why not, as this node stands. */
export class Admission {
  readonly #kernel: Kernel;
  readonly #book: AppendBook;
  readonly #campaign: Campaign;
  readonly #inquiries: Inquiries;
  /** The keys of entries of the protocol's own: nobody waits for them. */
  #ownKey = -1;

  constructor(kernel: Kernel, book: AppendBook, campaign: Campaign, inquiries: Inquiries) {
    this.#kernel = kernel;
    this.#book = book;
    this.#campaign = campaign;
    this.#inquiries = inquiries;
  }

  /** Takes an append in, or says at once why not. */
  admit(request: AppendRequest): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) this.refuse(request.key, { code: refusal, effect: 'none' });
    else if (this.#campaign.leading || request.leadership === 'acquire') this.#book.add(request);
    else if (request.leadership === 'check') this.#inquiries.start(request);
    else this.refuse(request.key, this.lost('none'));
  }

  #refusal(): 'disoriented' | 'exiled' | 'passive' | undefined {
    const { founding, learner, participation, settings } = this.#kernel;
    if (learner.disoriented) return 'disoriented';
    if (founding === undefined) return settings.origin === 'founder' ? undefined : 'passive';
    if (participation.type !== 'passive') return undefined;
    return this.#kernel.member === false ? 'exiled' : 'passive';
  }

  refuse(key: number, failure: AttemptFailure): void {
    this.#kernel.outbox.settle(key, { type: 'failed', failure });
  }

  /** Appends an entry of the protocol's own; nobody waits for it. */
  admitOwn(entry: Entry): void {
    const key = this.#ownKey;
    this.#ownKey -= 1;
    if (this.#refusal() === undefined) this.#book.add({ key, entry, rounds: undefined, leadership: 'acquire' });
  }

  /** This node does not lead. */
  lost(effect: 'none' | 'unknown'): AttemptFailure {
    const owner = this.#kernel.acceptor.greatest?.node;
    return { code: 'lost', effect, leader: owner === this.#kernel.self.id ? undefined : owner };
  }

  /** An attempt took too long. */
  overdue(item: AppendItem): AttemptFailure {
    const { mandate } = this.#campaign;
    const placed = item.placed !== undefined;
    return placed && mandate?.open.has(item.placed as RoundNum) !== true
      ? this.lost('unknown')
      : noQuorum(this.#kernel, mandate, item.placed);
  }
}
