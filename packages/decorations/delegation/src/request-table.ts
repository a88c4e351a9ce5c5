/** What is to be done about a request that has come: take it, nothing, or give the answer that it got. */
export type Verdict<Answer> =
  | { readonly type: 'take' }
  /** It is being worked on. */
  | { readonly type: 'working' }
  | { readonly type: 'answered'; readonly answer: Answer }
  /** It has never come. */
  | { readonly type: 'missing' }
  /** It is too old to tell whether it ever came; it will never be taken. */
  | { readonly type: 'forgotten' }
  /** There is no room to remember it; nothing has happened. */
  | { readonly type: 'full' };

interface Record<Answer> {
  /** `undefined` while it is being worked on. */
  readonly answer: Answer | undefined;
  readonly at: number;
}

/**
 * Remembers the requests of one session: none is ever taken twice, however often and in whatever order its copies come. It holds
 * at most `requestsMax`, and an answer for `rememberMs`; what is forgotten is refused from then on, and so is all before it.
 */
export class RequestTable<Answer> {
  readonly #requestsMax: number;
  readonly #rememberMs: number;
  readonly #records = new Map<number, Record<Answer>>();
  /** What lies below and is not in the records is forgotten. */
  #forgottenBelow = 0;
  #working = 0;
  #sweptAt = 0;

  constructor(requestsMax: number, rememberMs: number) {
    this.#requestsMax = requestsMax;
    this.#rememberMs = rememberMs;
  }

  get size(): number {
    return this.#records.size;
  }

  /** How many are being worked on. */
  get working(): number {
    return this.#working;
  }

  /** A request has come. With `take`, it is being worked on from now. */
  take(id: number, now: number): Verdict<Answer> {
    const verdict = this.look(id);
    if (verdict.type !== 'missing') return verdict;
    if (!this.#makeRoom()) return { type: 'full' };
    // Making room may have forgotten what came after this one.
    if (id < this.#forgottenBelow) return { type: 'forgotten' };
    this.#records.set(id, { answer: undefined, at: now });
    this.#working += 1;
    return { type: 'take' };
  }

  /** What is known of a request. */
  look(id: number): Verdict<Answer> {
    const record = this.#records.get(id);
    if (record === undefined) return { type: id < this.#forgottenBelow ? 'forgotten' : 'missing' };
    return record.answer === undefined ? { type: 'working' } : { type: 'answered', answer: record.answer };
  }

  /** Answers a request that has not come with `answer`, so that it is not taken if it still comes. */
  refuse(id: number, answer: Answer, now: number): Verdict<Answer> {
    const verdict = this.take(id, now);
    if (verdict.type !== 'take') return verdict;
    this.answer(id, answer, now);
    return { type: 'answered', answer };
  }

  /** The work on a request is done. */
  answer(id: number, answer: Answer, now: number): void {
    const record = this.#records.get(id);
    if (record === undefined || record.answer !== undefined) return;
    this.#working -= 1;
    // At the end, so that the records that are answered stand in the order of their answers.
    this.#records.delete(id);
    this.#records.set(id, { answer, at: now });
  }

  /** The appender has all the answers below `floor`. */
  release(floor: number, now: number): void {
    const isNews = floor > this.#forgottenBelow;
    if (isNews) this.#forgottenBelow = floor;
    else if (now < this.#sweptAt + this.#rememberMs / 4) return;
    this.#sweptAt = now;
    for (const [id, { answer, at }] of this.#records) {
      if (answer === undefined) continue;
      if (id < floor) this.#records.delete(id);
      else if (at + this.#rememberMs <= now) this.#forget(id);
    }
  }

  #makeRoom(): boolean {
    if (this.#records.size < this.#requestsMax) return true;
    for (const [id, { answer }] of this.#records) {
      if (answer === undefined) continue;
      this.#forget(id);
      return true;
    }
    return false;
  }

  #forget(id: number): void {
    this.#records.delete(id);
    if (id >= this.#forgottenBelow) this.#forgottenBelow = id + 1;
  }
}
