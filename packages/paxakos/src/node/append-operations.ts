import type { ServerResponse } from 'node:http';
import { backoff } from '@paxakos/core';
import type { Operation } from '../calculator/operation.ts';
import { parseOperation } from '../calculator/parse-operation.ts';
import { type Answer, errorAnswer, invalidAnswer, outcomeAnswer } from './answer.ts';
import type { DemoNode } from './demo-node.ts';
import { type Line, lineBytesMax } from './lines-of.ts';

/** How many operations of one request may be open at once. */
const openMax = 1_024;

/** Soon enough for the client to try elsewhere. */
const retry = backoff({ elapsedMsMax: 5_000 });

/** Appends one operation and waits until it has taken effect here. Never rejects. */
export async function appendOperation(node: DemoNode, operation: Operation): Promise<Answer> {
  try {
    const commit = await node.append(operation, { retry });
    return outcomeAnswer(operation, await commit.applied());
  } catch (error) {
    return errorAnswer(operation, error);
  }
}

/** Appends what a line says. */
export function appendLine(node: DemoNode, line: Line, makeId: () => string): Answer | Promise<Answer> {
  if (line === undefined) return invalidAnswer(`it is longer than ${lineBytesMax} bytes`);
  const { operation, reason } = parseOperation(line, makeId);
  return operation === undefined ? invalidAnswer(reason) : appendOperation(node, operation);
}

/** Appends line by line, and answers each with a line of JSON, in order; what is open, and what is not yet sent, is bounded. */
export async function appendLines(
  node: DemoNode,
  chunks: AsyncIterable<readonly Line[]>,
  response: ServerResponse,
  { makeId, onAppended }: { readonly makeId: () => string; readonly onAppended: () => void },
): Promise<void> {
  const answers = new OrderedAnswers(response);
  let number = 0;
  for await (const lines of chunks) {
    for (const line of lines) {
      number += 1;
      answers.add(number, appendLine(node, line, makeId), onAppended);
      if (answers.open >= openMax) await answers.below(openMax);
    }
    if (response.destroyed) return;
  }
  await answers.below(1);
  response.end();
}

interface Slot {
  text: string | undefined;
}

/** Answers in the order of their lines, however their appends end; those of one turn leave in one write. */
class OrderedAnswers {
  readonly #response: ServerResponse;
  #slots: Slot[] = [];
  #isDue = false;
  #isBlocked = false;
  #waiting: { readonly below: number; readonly resolve: () => void } | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get open(): number {
    return this.#slots.length;
  }

  add(line: number, answer: Answer | Promise<Answer>, onAppended: () => void): void {
    const slot: Slot = { text: undefined };
    this.#slots.push(slot);
    const settle = (settled: Answer): void => {
      slot.text = `${JSON.stringify({ line, ...settled })}\n`;
      if (settled.error === undefined) onAppended();
      if (this.#isDue) return;
      this.#isDue = true;
      setImmediate(() => this.#flush());
    };
    if (answer instanceof Promise) void answer.then(settle);
    else settle(answer);
  }

  /** Resolves when fewer than so many are open. */
  async below(count: number): Promise<void> {
    if (this.#slots.length < count) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { below: count, resolve };
    });
  }

  #flush(): void {
    this.#isDue = false;
    if (this.#isBlocked) return;
    const end = this.#slots.findIndex(({ text }) => text === undefined);
    const done = this.#slots.splice(0, end < 0 ? this.#slots.length : end);
    if (done.length > 0 && !this.#response.destroyed) this.#write(done.map(({ text }) => text).join(''));
    this.#wake();
  }

  /** What the client does not read stays here, and then no more lines are taken from it. */
  #write(text: string): void {
    const response = this.#response;
    if (response.write(text)) return;
    this.#isBlocked = true;
    const go = (): void => {
      response.off('drain', go).off('close', go);
      this.#isBlocked = false;
      this.#flush();
    };
    response.on('drain', go).on('close', go);
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#slots.length >= waiting.below) return;
    this.#waiting = undefined;
    waiting.resolve();
  }
}
