import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../node/answer.ts';
import { type Deferred, deferred } from '../node/deferred.ts';
import { type Answered, AppendStream } from './append-stream.ts';
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
  /** A node is left, with so many operations that have no answer yet. */
  onMove(from: NodeProcess, reason: string, unanswered: number): void;
}

/**
 * Appends operations at all nodes at once, or, where they are `inOrder`, at one. When one fails it goes on at the others, and comes
 * back. An operation without an answer is sent again with the same id, until it has one.
 */
export class Load {
  readonly #crew: Crew;
  readonly #listener: LoadListener;
  readonly #inOrder: boolean;
  readonly #batches: AsyncIterator<readonly NumberedOperation[]>;
  readonly #done: Deferred<void> = deferred();
  readonly #streams = new Map<NodeProcess, AppendStream>();
  #again: NumberedOperation[] = [];
  #buffer: NumberedOperation[] = [];
  /** The node that was left last. */
  #left: NodeProcess | undefined;
  #isPulling = false;
  #isExhausted = false;
  #isOver = false;
  #answeredAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(crew: Crew, { batches, inOrder }: OperationSource, listener: LoadListener) {
    this.#crew = crew;
    this.#listener = listener;
    this.#inOrder = inOrder;
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Resolves when every operation has its answer. */
  async run(): Promise<void> {
    this.#answeredAt = performance.now();
    this.#timer = setInterval(() => this.#check(), 200);
    this.#connect();
    try {
      await this.#done.promise;
    } finally {
      clearInterval(this.#timer);
      this.#isOver = true;
      for (const stream of this.#streams.values()) stream.close('the load is over');
    }
  }

  /** Takes up the nodes that serve and are not in use. */
  #connect(): void {
    if (this.#crew.isClosed || this.#isOver) return;
    if (!this.#inOrder) for (const node of this.#crew.nodes) this.#open(node);
    else if (this.#streams.size === 0) this.#open(this.#crew.target(this.#left));
    if (this.#streams.size === 0) this.#connectLater();
    else this.#pump();
  }

  #connectLater(): void {
    void sleep(pauseMs).then(() => this.#connect());
  }

  #open(node: NodeProcess | undefined): void {
    if (node?.client === undefined || this.#streams.has(node)) return;
    const stream = new AppendStream(node.client.url, {
      onAnswers: (answers) => this.#onAnswers(node, answers),
      onEnd: (unanswered, reason) => this.#onEnd(node, unanswered, reason),
    });
    this.#streams.set(node, stream);
  }

  #onAnswers(node: NodeProcess, answers: readonly Answered[]): void {
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
    else this.#streams.get(node)?.close(`${failure.error}: ${failure.reason}`);
  }

  #onEnd(node: NodeProcess, unanswered: readonly NumberedOperation[], reason: string): void {
    if (this.#isOver) return;
    this.#streams.delete(node);
    this.#left = node;
    this.#again = [...unanswered, ...this.#again];
    if (!this.#crew.isClosed) this.#listener.onMove(node, reason, this.#again.length);
    this.#connectLater();
  }

  /** The stream with the fewest open operations, where all together have not too many. */
  #stream(): AppendStream | undefined {
    let open = 0;
    let least: AppendStream | undefined;
    for (const stream of this.#streams.values()) {
      open += stream.open;
      if (least === undefined || stream.open < least.open) least = stream;
    }
    return open < openMax ? least : undefined;
  }

  #pump(): void {
    for (let stream = this.#stream(); stream !== undefined; stream = this.#stream()) {
      const operation = this.#again.shift() ?? this.#buffer.pop();
      if (operation === undefined) break;
      stream.send(operation);
    }
    if (this.#buffer.length > 0) return;
    if (!this.#isExhausted) this.#pull();
    else if (this.#isIdle && this.#again.length === 0) this.#done.resolve();
  }

  get #isIdle(): boolean {
    for (const { open } of this.#streams.values()) if (open > 0) return false;
    return true;
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
    const now = performance.now();
    // A node that is up again, or another one, when none is left.
    this.#connect();
    if (this.#isIdle && this.#again.length === 0) {
      // Nothing is asked, as when standard input says nothing.
      this.#answeredAt = now;
    } else if (now - this.#answeredAt > giveUpMs) {
      this.#done.reject(new DemoError(`no node has acknowledged anything for a minute: ${this.#crew.describe()}`));
    }
    for (const stream of this.#streams.values())
      if (stream.waitsMs > stallMs) stream.close(`no answer for ${stallMs} ms`);
  }
}
