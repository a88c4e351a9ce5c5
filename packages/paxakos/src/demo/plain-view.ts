import { type Board, nodeLine, progressOf, stampOf, type View } from './view.ts';

const boardEveryMs = 2_000;

/** One line for each event, and the nodes every now and then: for logs and pipes. */
export class PlainView implements View {
  readonly #out: NodeJS.WritableStream;
  readonly #startedAt = performance.now();
  #drawnAt = performance.now();

  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  event(text: string): void {
    this.#out.write(`${stampOf(this.#startedAt)}  ${text}\n`);
  }

  draw(board: Board): void {
    if (performance.now() - this.#drawnAt < boardEveryMs || /^(up|stop)/.test(board.phase)) return;
    this.#drawnAt = performance.now();
    this.event(progressOf(board));
    for (const node of board.nodes) this.event(`  ${nodeLine(node)}`);
  }

  close(): void {}
}
