import type { NodeId, RoundNum } from './numbers.ts';

/** Whether a failed append may still be committed: `'none'` only where it is proven that it never will be. */
export type Effect = 'none' | 'unknown';

const brand: symbol = Symbol.for('@paxakos/core/error');

/** The root of every error of this library. `code` is stable; the message is not. */
export class PaxakosError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Tells an error of this library, of the given code, also across copies of core, where `instanceof` does not. */
export function isPaxakosError(error: unknown, code?: string): error is PaxakosError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** An option, an argument or a value of the application is not what it must be. Code: `PAXAKOS_INVALID`. */
export class InvalidError extends PaxakosError {
  constructor(option: string, value: unknown, remedy: string) {
    super('PAXAKOS_INVALID', `${option} is ${describe(value)}: ${remedy}`);
  }
}

/** The node was told to stop, or has stopped. Code: `PAXAKOS_STOPPED`. */
export class StoppedError extends PaxakosError {
  constructor(what: string) {
    super('PAXAKOS_STOPPED', `${what}: the node has been stopped`);
  }
}

/** The node broke one of its own rules and stopped for good. Code: `PAXAKOS_INVARIANT`. */
export class InvariantViolation extends PaxakosError {
  constructor(rule: string, options?: { readonly cause?: unknown }) {
    super('PAXAKOS_INVARIANT', `an invariant is broken: ${rule}`, options);
  }
}

/** A reader of events did not keep up with its buffer. Code: `PAXAKOS_SLOW_CONSUMER`. */
export class SlowConsumerError extends PaxakosError {
  constructor(bufferedMax: number) {
    super('PAXAKOS_SLOW_CONSUMER', `more than ${bufferedMax} events were waiting: read faster or raise bufferedMax`);
  }
}

/** A snapshot could not be taken, read or installed. Code: `PAXAKOS_SNAPSHOT`. */
export class SnapshotError extends PaxakosError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('PAXAKOS_SNAPSHOT', message, options);
  }
}

/** A bus could not be opened. Code: `PAXAKOS_TRANSPORT`. */
export class TransportError extends PaxakosError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('PAXAKOS_TRANSPORT', message, options);
  }
}

/** What went wrong with a storage. */
export type StorageErrorCode =
  | 'PAXAKOS_STORAGE_LOCKED'
  | 'PAXAKOS_STORAGE_CORRUPT'
  | 'PAXAKOS_STORAGE_VERSION'
  | 'PAXAKOS_STORAGE_FOREIGN'
  | 'PAXAKOS_STORAGE_POISONED'
  | 'PAXAKOS_STORAGE_FULL'
  | 'PAXAKOS_STORAGE_CLOSED'
  | 'PAXAKOS_STORAGE_FAILED';

/** A storage is locked, corrupt, of an unknown version, of another node, poisoned, full, closed, or failed otherwise. */
export class StorageError extends PaxakosError {
  declare readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
  }
}

/** What went wrong with a decoration. */
export type DecorationErrorCode =
  | 'PAXAKOS_DECORATION_MISSING'
  | 'PAXAKOS_DECORATION_ORDER'
  | 'PAXAKOS_DECORATION_TWICE'
  | 'PAXAKOS_DECORATION_DISABLED'
  | 'PAXAKOS_DECORATION_FAILED';

/** A decoration lacks one that it needs, is there twice, is switched off, or failed to install. */
export class DecorationError extends PaxakosError {
  declare readonly code: DecorationErrorCode;

  constructor(code: DecorationErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
  }
}

/** Why an append failed; each has its class. */
export type AppendErrorCode =
  | 'PAXAKOS_CONVERGED'
  | 'PAXAKOS_LOST'
  | 'PAXAKOS_RAILROADED'
  | 'PAXAKOS_NO_QUORUM'
  | 'PAXAKOS_UNACCEPTABLE'
  | 'PAXAKOS_PASSIVE'
  | 'PAXAKOS_DISORIENTED'
  | 'PAXAKOS_EXILED'
  | 'PAXAKOS_OVERLOADED'
  | 'PAXAKOS_ABORTED'
  | 'PAXAKOS_DECORATION'
  | 'PAXAKOS_SHUT_DOWN';

/** An append failed. `effect` tells whether the entry may still be committed. */
export class AppendError extends PaxakosError {
  declare readonly code: AppendErrorCode;
  readonly effect: Effect;

  constructor(code: AppendErrorCode, effect: Effect, message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
    this.effect = effect;
  }
}

/** The rounds asked for have converged to other entries. `caughtUp`: this node knows them. Code: `PAXAKOS_CONVERGED`. */
export class ConvergedError extends AppendError {
  readonly caughtUp: boolean;

  constructor(effect: Effect, caughtUp: boolean) {
    super(
      'PAXAKOS_CONVERGED',
      effect,
      `the rounds asked for have converged; this node ${caughtUp ? 'knows' : 'does not know'} to what`,
    );
    this.caughtUp = caughtUp;
  }
}

/** The node does not lead, or leads no more. Code: `PAXAKOS_LOST`. */
export class LostError extends AppendError {
  /** The node that owns the greatest number seen, if that is another one. */
  readonly leader: NodeId | undefined;

  constructor(effect: Effect, leader: NodeId | undefined) {
    super(
      'PAXAKOS_LOST',
      effect,
      leader === undefined ? 'this node does not lead' : `this node does not lead; "${leader}" seems to`,
    );
    this.leader = leader;
  }
}

/** Another entry had to be placed in the round of this one. Code: `PAXAKOS_RAILROADED`; effect: none. */
export class RailroadedError extends AppendError {
  readonly round: RoundNum;

  constructor(round: RoundNum) {
    super('PAXAKOS_RAILROADED', 'none', `another entry had to be placed in round ${round}`);
    this.round = round;
  }
}

/** What one voter, or the way to it, had against an append. Data is as the voter gave it. */
export interface Refusal {
  readonly node: NodeId;
  readonly data: unknown;
}

/** Everything that kept an append from its majority. */
export interface NoQuorumReasons {
  readonly abstentions: readonly Refusal[];
  readonly rejections: readonly Refusal[];
  /** Members whose answer did not count, with why: their incarnation is unknown to the log, or they answered nothing. */
  readonly discards: readonly Refusal[];
  readonly communicationErrors: readonly Refusal[];
}

/**
 * No majority answered, or none was in favour; or, with no reason given, the log did not reach the round in time.
 * Code: `PAXAKOS_NO_QUORUM`.
 */
export class NoQuorumError extends AppendError implements NoQuorumReasons {
  readonly abstentions: readonly Refusal[];
  readonly rejections: readonly Refusal[];
  readonly discards: readonly Refusal[];
  readonly communicationErrors: readonly Refusal[];

  constructor(effect: Effect, reasons: NoQuorumReasons) {
    const { abstentions, rejections, discards, communicationErrors } = reasons;
    const isOpposed = abstentions.length + rejections.length + discards.length + communicationErrors.length > 0;
    super(
      'PAXAKOS_NO_QUORUM',
      effect,
      isOpposed
        ? `no majority: ${abstentions.length} abstained, ${rejections.length} rejected, ${discards.length} did not count, ` +
            `${communicationErrors.length} could not be reached`
        : 'the log has not reached the round in time, though nobody was against it or out of reach',
    );
    this.abstentions = abstentions;
    this.rejections = rejections;
    this.discards = discards;
    this.communicationErrors = communicationErrors;
  }
}

/** This node's own voter is against the entry. Code: `PAXAKOS_UNACCEPTABLE`; effect: none. */
export class UnacceptableError extends AppendError {
  readonly data: unknown;

  constructor(data: unknown) {
    super('PAXAKOS_UNACCEPTABLE', 'none', "this node's own voter is against the entry");
    this.data = data;
  }
}

/** The node may not vote yet. Code: `PAXAKOS_PASSIVE`. */
export class PassiveError extends AppendError {
  constructor(effect: Effect) {
    super('PAXAKOS_PASSIVE', effect, 'this node is passive: it may not vote until its incarnation is in the log');
  }
}

/** The node has no state. Code: `PAXAKOS_DISORIENTED`. */
export class DisorientedError extends AppendError {
  constructor(effect: Effect) {
    super('PAXAKOS_DISORIENTED', effect, 'this node has no state: install a snapshot');
  }
}

/** The node is not a member of the cluster that governs the next rounds. Code: `PAXAKOS_EXILED`. */
export class ExiledError extends AppendError {
  constructor(effect: Effect) {
    super('PAXAKOS_EXILED', effect, 'this node is not a member of the cluster that governs the next rounds');
  }
}

/** More is waiting than the node may hold. Code: `PAXAKOS_OVERLOADED`; effect: none. */
export class OverloadedError extends AppendError {
  constructor(queuedBytesMax: number) {
    super(
      'PAXAKOS_OVERLOADED',
      'none',
      `more than ${queuedBytesMax} bytes wait to be appended: append slower, or raise queuedBytesMax`,
    );
  }
}

/** The append's signal was aborted. Its name is `AbortError`, as on the web. Code: `PAXAKOS_ABORTED`. */
export class AbortedError extends AppendError {
  constructor(effect: Effect, reason: unknown) {
    super('PAXAKOS_ABORTED', effect, 'the append was aborted', { cause: reason });
    this.name = 'AbortError';
  }
}

/** A decoration failed the append; the message says with what. Code: `PAXAKOS_DECORATION`. */
export class DecorationAppendError extends AppendError {
  constructor(effect: Effect, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super('PAXAKOS_DECORATION', effect, `a decoration failed the append${why}`, { cause });
  }
}

/** The node stops, has stopped, or failed for good. Code: `PAXAKOS_SHUT_DOWN`. */
export class ShutDownError extends AppendError {
  constructor(effect: Effect, cause?: unknown) {
    super('PAXAKOS_SHUT_DOWN', effect, 'this node is shut down', cause === undefined ? {} : { cause });
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
