import { type ClientRequest, request } from 'node:http';
import type { Answer } from '../node/answer.ts';
import { LineSplitter } from '../node/lines-of.ts';
import type { NumberedOperation } from './operation-source.ts';

/** An operation, when it was sent, and what came of it. */
export interface Answered {
  readonly operation: NumberedOperation;
  /** In milliseconds of this process. */
  readonly sentAt: number;
  readonly answer: Answer;
}

/** Who is told what comes of a stream. */
export interface AppendStreamListener {
  /** The answers to the oldest operations sent, in their order. */
  onAnswers(answers: readonly Answered[]): void;
  /** It ended; these operations have no answer and may have taken effect. */
  onEnd(unanswered: readonly NumberedOperation[], reason: string): void;
}

/** One request that sends operations to a node, line by line, while the answers come back. */
export class AppendStream {
  readonly #request: ClientRequest;
  readonly #listener: AppendStreamListener;
  readonly #splitter = new LineSplitter();
  #open: Omit<Answered, 'answer'>[] = [];
  #heardAt = 0;
  #ended = false;
  #batch = '';

  constructor(url: string, listener: AppendStreamListener) {
    this.#listener = listener;
    this.#request = request(
      `${url}/append`,
      { method: 'POST', agent: false, headers: { 'content-type': 'application/x-ndjson' } },
      (response) => {
        if (response.statusCode !== 200) this.#end(`the node answers ${response.statusCode}`);
        response.on('data', (chunk: Buffer) => this.#take(chunk));
        response.on('error', (error) => this.#end(error.message));
        response.on('close', () => this.#end('the connection was closed'));
      },
    );
    this.#request.on('error', (error) => this.#end(error.message));
    this.#request.on('close', () => this.#end('the connection was closed'));
    this.#request.flushHeaders();
  }

  /** How many operations wait for their answers. */
  get open(): number {
    return this.#open.length;
  }

  /** For how long nothing has been heard, though something is open. */
  get waitsMs(): number {
    const [oldest] = this.#open;
    return oldest === undefined ? 0 : performance.now() - Math.max(oldest.sentAt, this.#heardAt);
  }

  /** Those of one turn leave in one write. */
  send(operation: NumberedOperation): void {
    const { id, type, value } = operation;
    this.#open.push({ operation, sentAt: performance.now() });
    if (this.#batch === '') setImmediate(() => this.#flush());
    this.#batch += `${JSON.stringify({ id, type, value })}\n`;
  }

  /** Ends it; what is open goes to `onEnd`. */
  close(reason: string): void {
    this.#end(reason);
  }

  #flush(): void {
    if (!this.#ended) this.#request.write(this.#batch);
    this.#batch = '';
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return;
    const lines = this.#splitter.push(chunk);
    this.#heardAt = performance.now();
    const answers = this.#open.splice(0, lines.length).map((sent, index) => {
      const answer = JSON.parse(lines[index] ?? '{}') as Answer;
      return { ...sent, answer };
    });
    this.#listener.onAnswers(answers);
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const unanswered = this.#open.map(({ operation }) => operation);
    this.#open = [];
    this.#request.destroy();
    this.#listener.onEnd(unanswered, reason);
  }
}
