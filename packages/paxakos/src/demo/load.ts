import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../node/answer.ts';
import { type Deferred, deferred } from '../node/deferred.ts';
import { AppendStream } from './append-stream.ts';
import type { Crew } from './crew.ts';
import { DemoError } from './demo-error.ts';
import type { NodeProcess } from './node-process.ts';
import type { NumberedOperation, OperationSource } from './operation-source.ts';

/** How many operations wait for an answer at once. */
const openMax = 256;
/** How long a node may leave all of them unanswered, and how long all nodes together may. */
const stallMs = 3_000;
const giveUpMs = 60_000;
const pauseMs = 20;

/** Who is told how a load goes. */
export interface LoadListener {
  onAcknowledged(operation: NumberedOperation, answer: Answer, node: NodeProcess): void;
  /** It can never be carried out. */
  onRefused(operation: NumberedOperation, answer: Answer): void;
  /** It goes on at another node, with so many operations that have no answer yet. */
  onMove(from: NodeProcess, reason: string, unanswered: number): void;
}

/**
 * Appends operations at one node, and goes on at another one when that fails. An operation without an answer is sent again with
 * the same id, until it has one.
 */
export class Load {
  readonly #crew: Crew;
  readonly #listener: LoadListener;
  readonly #batches: AsyncIterator<readonly NumberedOperation[]>;
  readonly #done: Deferred<void> = deferred();
  #again: NumberedOperation[] = [];
  #buffer: NumberedOperation[] = [];
  #stream: AppendStream | undefined;
  #node: NodeProcess | undefined;
  #isPulling = false;
  #isExhausted = false;
  #answeredAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(crew: Crew, source: OperationSource, listener: LoadListener) {
    this.#crew = crew;
    this.#listener = listener;
    this.#batches = source.batches[Symbol.asyncIterator]();
  }

  /** The node that gets the operations now. */
  get node(): NodeProcess | undefined {
    return this.#node;
  }

  /** Resolves when every operation has its answer. */
  async run(): Promise<void> {
    this.#answeredAt = performance.now();
    this.#timer = setInterval(() => this.#check(), 200);
    this.#move();
    try {
      await this.#done.promise;
    } finally {
      clearInterval(this.#timer);
      const stream = this.#stream;
      this.#stream = undefined;
      stream?.close('the load is over');
    }
  }

  #move(): void {
    if (this.#crew.isClosed) return;
    const node = this.#crew.target(this.#node);
    if (node?.client === undefined) {
      void sleep(pauseMs).then(() => this.#move());
      return;
    }
    this.#node = node;
    this.#stream = new AppendStream(node.client.url, {
      onAnswers: (answers) => this.#onAnswers(node, answers),
      onEnd: (unanswered, reason) => this.#onEnd(node, unanswered, reason),
    });
    this.#pump();
  }

  #onAnswers(node: NodeProcess, answers: readonly { operation: NumberedOperation; answer: Answer }[]): void {
    let failure: Answer | undefined;
    try {
      for (const { operation, answer } of answers) {
        if (answer.error === undefined) this.#listener.onAcknowledged(operation, answer, node);
        else if (answer.error === 'INVALID' || answer.error === 'ID_TAKEN') this.#listener.onRefused(operation, answer);
        else {
          this.#again.push(operation);
          failure = answer;
          continue;
        }
        this.#answeredAt = performance.now();
      }
    } catch (error) {
      this.#done.reject(error);
    }
    if (failure === undefined) this.#pump();
    else this.#stream?.close(`${failure.error}: ${failure.reason}`);
  }

  #onEnd(node: NodeProcess, unanswered: readonly NumberedOperation[], reason: string): void {
    if (this.#stream === undefined) return;
    this.#stream = undefined;
    this.#again = [...unanswered, ...this.#again];
    if (!this.#crew.isClosed) this.#listener.onMove(node, reason, this.#again.length);
    void sleep(pauseMs).then(() => this.#move());
  }

  #pump(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    while (stream.open < openMax) {
      const operation = this.#again.shift() ?? this.#buffer.pop();
      if (operation === undefined) break;
      stream.send(operation);
    }
    if (this.#buffer.length > 0) return;
    if (!this.#isExhausted) this.#pull();
    else if (stream.open === 0 && this.#again.length === 0) this.#done.resolve();
  }

  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    this.#batches.next().then(
      ({ done, value }) => {
        this.#isPulling = false;
        // Reversed, since the last of an array is the quickest to take.
        if (done === true) this.#isExhausted = true;
        else this.#buffer = [...value].reverse();
        this.#pump();
      },
      (error: unknown) => this.#done.reject(error),
    );
  }

  #check(): void {
    const silentMs = performance.now() - this.#answeredAt;
    if (this.#stream === undefined ? this.#again.length === 0 : this.#stream.open === 0) {
      // Nothing is asked, as when standard input says nothing.
      this.#answeredAt = performance.now();
    } else if (silentMs > giveUpMs) {
      this.#done.reject(new DemoError(`no node has acknowledged anything for a minute: ${this.#crew.describe()}`));
    } else if (silentMs > stallMs && this.#stream !== undefined && this.#stream.ageMs > stallMs) {
      this.#stream.close(`no answer for ${stallMs} ms`);
    }
  }
}
