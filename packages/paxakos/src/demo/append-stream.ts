import { type ClientRequest, request } from 'node:http';
import type { Answer } from '../node/answer.ts';
import { LineSplitter } from '../node/lines-of.ts';
import type { NumberedOperation } from './operation-source.ts';

/** Who is told what comes of a stream. */
export interface AppendStreamListener {
  /** The answers to the oldest operations sent, in their order. */
  onAnswers(answers: readonly { readonly operation: NumberedOperation; readonly answer: Answer }[]): void;
  /** It ended; these operations have no answer and may have taken effect. */
  onEnd(unanswered: readonly NumberedOperation[], reason: string): void;
}

/** One request that sends operations to a node, line by line, while the answers come back. */
export class AppendStream {
  readonly #request: ClientRequest;
  readonly #listener: AppendStreamListener;
  readonly #splitter = new LineSplitter();
  readonly #startedAt = performance.now();
  #open: NumberedOperation[] = [];
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

  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Those of one turn leave in one write. */
  send(operation: NumberedOperation): void {
    const { id, type, value } = operation;
    this.#open.push(operation);
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
    const operations = this.#open.splice(0, lines.length);
    const answers = operations.map((operation, index) => {
      const answer = JSON.parse(lines[index] ?? '{}') as Answer;
      return { operation, answer };
    });
    this.#listener.onAnswers(answers);
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const unanswered = this.#open;
    this.#open = [];
    this.#request.destroy();
    this.#listener.onEnd(unanswered, reason);
  }
}
