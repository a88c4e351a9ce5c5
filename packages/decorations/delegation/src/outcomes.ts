import {
  type AnyLogEntry,
  type Commit,
  type DecorationHost,
  DisorientedError,
  type EventOfType,
  type PaxakosEvent,
  type RoundNum,
  ShutDownError,
} from '@paxakos/core/contracts';

/** Where the outcome of one committed entry will be. Nobody has to look. */
class Slot implements Commit<unknown> {
  readonly round: RoundNum;
  #settled: { readonly value: unknown } | { readonly error: unknown } | undefined;
  #waiting: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];

  constructor(round: RoundNum) {
    this.round = round;
  }

  fill(value: unknown): void {
    this.#settled ??= { value };
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(value);
  }

  fail(error: unknown): void {
    this.#settled ??= { error };
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  applied(): Promise<unknown> {
    const settled = this.#settled;
    if (settled === undefined) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return 'value' in settled ? Promise.resolve(settled.value) : Promise.reject(settled.error as Error);
  }
}

/**
 * Watches this node apply what was appended elsewhere. So a state that is read here after `applied()` holds the entry, and an
 * entry that stands in the log counts as committed, whether or not the answer ever comes. It listens only while it has to.
 */
export class Outcomes {
  readonly #host: DecorationHost;
  /** Who is told when an entry with this id is applied. */
  readonly #wanted = new Map<string, (commit: Commit<unknown>) => void>();
  /** By round, where the round is known and not applied. */
  readonly #slots = new Map<RoundNum, Slot[]>();
  #leave: (() => void) | undefined;

  constructor(host: DecorationHost) {
    this.#host = host;
    host.onEvent('eject', () => this.#failAll(new DisorientedError('unknown')));
    host.onEvent('install', ({ round }) => this.#failThrough(round));
    host.onEvent('statusChange', ({ to }) => {
      if (to === 'stopped') this.#failAll(new ShutDownError('unknown'));
    });
  }

  /** Calls `found` when an entry with this id is applied from now on. Gives a function that stops it. */
  watch(entryId: string, found: (commit: Commit<unknown>) => void): () => void {
    // An id is to be unique within the time of its append; where it is not, only the first one is found.
    if (this.#wanted.has(entryId)) return () => {};
    this.#wanted.set(entryId, found);
    this.#listen();
    return () => {
      this.#wanted.delete(entryId);
      this.#rest();
    };
  }

  /** A commit in this round, as told by a delegatee. */
  commit(round: RoundNum): Commit<unknown> {
    const slot = new Slot(round);
    const { node } = this.#host;
    if (node.status === 'stopped') slot.fail(new ShutDownError('unknown'));
    else if (node.status === 'disoriented' || round <= node.round) slot.fail(new DisorientedError('unknown'));
    else {
      const slots = this.#slots.get(round);
      if (slots === undefined) this.#slots.set(round, [slot]);
      else slots.push(slot);
      this.#listen();
    }
    return slot;
  }

  #listen(): void {
    this.#leave ??= this.#host.node.on('apply', (event) => this.#onApply(event));
  }

  #rest(): void {
    if (this.#wanted.size > 0 || this.#slots.size > 0) return;
    this.#leave?.();
    this.#leave = undefined;
  }

  #onApply({ entry, outcome, round }: EventOfType<PaxakosEvent<AnyLogEntry>, 'apply'>): void {
    const slots = this.#slots.get(round);
    if (slots !== undefined) {
      this.#slots.delete(round);
      for (const slot of slots) slot.fill(outcome);
      this.#rest();
      // An append whose id was used before is not this one's.
      return;
    }
    if (entry === undefined) return;
    const found = this.#wanted.get(entry.id);
    if (found === undefined) return;
    const slot = new Slot(round);
    slot.fill(outcome);
    found(slot);
  }

  #failThrough(round: RoundNum): void {
    for (const [at, slots] of this.#slots) {
      if (at > round) continue;
      this.#slots.delete(at);
      for (const slot of slots) slot.fail(new DisorientedError('unknown'));
    }
    this.#rest();
  }

  #failAll(error: Error): void {
    for (const slots of this.#slots.values()) for (const slot of slots) slot.fail(error);
    this.#slots.clear();
    this.#rest();
  }
}
