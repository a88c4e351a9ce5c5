import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, OperationType } from '../calculator/operation.ts';
import { parseOperation } from '../calculator/parse-operation.ts';
import { lineBytesMax, linesOf } from '../node/lines-of.ts';
import { DemoError } from './demo-error.ts';

/** A line of the input that is no operation. */
export interface InvalidLine {
  readonly line: number;
  readonly reason: string;
}

/** An operation, and the line of the input that it stood in. */
export type NumberedOperation = Operation & { readonly line?: number };

/** Operations to append, some at a time. */
export interface OperationSource {
  /** How many there will be, where that is known. */
  readonly total: number | undefined;
  /** Whether they are to be appended in this order, as far as no node fails. */
  readonly inOrder: boolean;
  readonly batches: AsyncIterable<readonly NumberedOperation[]>;
}

const batchLength = 256;
const paceMs = 5;

/** So many operations out of thin air, whose value stays within bounds. */
export function generatedOperations(total: number, runId: string): OperationSource {
  async function* batches(): AsyncGenerator<readonly NumberedOperation[]> {
    for (let from = 1; from <= total; from += batchLength)
      yield batchOf(from, Math.min(batchLength, total - from + 1), runId);
  }
  return { total, inOrder: false, batches: batches() };
}

/** One operation out of thin air every few milliseconds, however many are open, for as long as `isOver` says no. */
export function endlessOperations(isOver: () => boolean, runId: string): OperationSource {
  async function* batches(): AsyncGenerator<readonly NumberedOperation[]> {
    for (let from = 1; !isOver(); from += 1) {
      await sleep(paceMs);
      yield batchOf(from, 1, runId);
    }
  }
  return { total: undefined, inOrder: false, batches: batches() };
}

function batchOf(from: number, length: number, runId: string): readonly NumberedOperation[] {
  return Array.from({ length }, (_, index) => generated(`${runId}-${from + index}`));
}

/** Divides a little more than it multiplies, so that the value does not grow for ever. */
const dice: readonly OperationType[] = ['add', 'add', 'add', 'sub', 'sub', 'sub', 'mul', 'mul', 'div', 'div', 'div'];

function generated(id: string): Operation {
  const type = dice[Math.floor(Math.random() * dice.length)] ?? 'add';
  const isSum = type === 'add' || type === 'sub';
  const value = isSum ? Math.round(Math.random() * 100_000) / 100 : 2 + Math.floor(Math.random() * 8);
  return { id, type, value };
}

/**
 * Operations from a file, or from standard input for `-`, read no faster than they are taken. A line without an id gets one of its
 * number. What is no operation goes to `onInvalid`.
 */
export async function readOperations(
  path: string,
  runId: string,
  onInvalid: (invalid: InvalidLine) => void,
): Promise<OperationSource> {
  const isFile = path !== '-' && (await isRegular(path));
  const total = isFile ? await countLines(path) : undefined;
  const chunks = path === '-' ? process.stdin : chunksOf(path);
  async function* batches(): AsyncGenerator<readonly NumberedOperation[]> {
    let number = 0;
    for await (const lines of linesOf(chunks)) {
      const operations: NumberedOperation[] = [];
      for (const text of lines) {
        number += 1;
        const line = number;
        const parsed =
          text === undefined
            ? { reason: `it is longer than ${lineBytesMax} bytes` }
            : parseOperation(text, () => `${runId}-${line}`);
        if ('operation' in parsed && parsed.operation !== undefined) operations.push({ ...parsed.operation, line });
        else onInvalid({ line, reason: parsed.reason ?? '' });
      }
      yield operations;
    }
  }
  return { total, inOrder: true, batches: batches() };
}

async function isRegular(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (found.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
  return found.isFile();
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): DemoError {
  const { code, message } = cause as Partial<NodeJS.ErrnoException>;
  return new DemoError(`--input: cannot read ${path}: ${code ?? message}; name a file that can be read, or -`, {
    cause,
  });
}

async function countLines(path: string): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(chunksOf(path))) count += lines.length;
  return count;
}
