import type { WriteStream } from 'node:tty';
import { type Board, nodeLine, progressOf, stampOf, type View } from './view.ts';

const redrawMsMin = 100;

/** Events scroll by as lines; below them the nodes stay in place, redrawn at most ten times a second. */
export class TerminalView implements View {
  readonly #out: WriteStream;
  readonly #startedAt = performance.now();
  #events: string[] = [];
  #board: Board | undefined;
  #height = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  event(text: string): void {
    this.#events.push(`${stampOf(this.#startedAt)}  ${text}`);
    this.#soon();
  }

  draw(board: Board): void {
    this.#board = board;
    this.#soon();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#redraw();
    this.#board = undefined;
    this.#height = 0;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#redraw();
    }, redrawMsMin);
  }

  /** In one write, over what was there, so that nothing flickers. */
  #redraw(): void {
    const width = Math.max(20, this.#out.columns ?? 80) - 1;
    const lines = this.#boardLines().map((line) => shortened(line, width));
    const up = this.#height > 0 ? `\u001b[${this.#height}A` : '';
    const text = [...this.#events, ...lines].map((line) => `${line.replaceAll('\n', '\u001b[K\n')}\u001b[K\n`).join('');
    this.#out.write(`${up}${text}\u001b[J`);
    this.#events = [];
    this.#height = lines.length;
  }

  #boardLines(): string[] {
    const board = this.#board;
    if (board === undefined) return [];
    return ['', ...board.nodes.map((node) => `  ${nodeLine(node)}`), `  ${progressOf(board)}`];
  }
}

function shortened(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
