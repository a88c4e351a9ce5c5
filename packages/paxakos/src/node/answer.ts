import { isPaxakosError } from '@paxakos/core';
import type { Operation, Outcome } from '../calculator/operation.ts';
import { reasonOf } from './reason-of.ts';

/** What became of one operation, as JSON says it. */
export interface Answer {
  /** The number of the line, from 1, where several were sent. */
  readonly line?: number;
  readonly id?: string;
  /** The round in which the operation took effect, and the value right after it. */
  readonly round?: number;
  readonly value?: number;
  readonly refused?: Outcome['refused'];
  readonly repeated?: true;
  /** A stable code; `INVALID` and `ID_TAKEN` are final, all others are for trying again with the same id. */
  readonly error?: string;
  readonly reason?: string;
  /** Whether the operation may still take effect. */
  readonly effect?: 'none' | 'unknown';
}

export function invalidAnswer(reason: string): Answer {
  return { error: 'INVALID', reason };
}

export function outcomeAnswer({ id }: Operation, outcome: Outcome): Answer {
  if (outcome.refused !== 'id taken') return { id, ...outcome };
  return { id, error: 'ID_TAKEN', reason: 'the id belongs to another operation', effect: 'none' };
}

export function errorAnswer({ id }: Operation, error: unknown): Answer {
  const effect = (error as { readonly effect?: unknown }).effect === 'none' ? 'none' : 'unknown';
  return { id, error: isPaxakosError(error) ? error.code : 'FAILED', reason: reasonOf(error), effect };
}

/** Of a response with this answer alone. */
export function statusCodeOf({ error }: Answer): number {
  if (error === undefined) return 200;
  if (error === 'INVALID') return 400;
  return error === 'ID_TAKEN' ? 409 : 503;
}
