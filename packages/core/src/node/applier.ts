import type { AnyLogEntry, Clock, NodeInfo, Proposal, RoundNum } from '../contracts/index.ts';
import { DisorientedError, InvalidError } from '../contracts/index.ts';
import type { StateReport } from '../protocol/index.ts';
import { type AnyState, checkedConcurrency, checkedMembers, sameMembers } from './any-state.ts';
import { isThenable } from './call-hook.ts';
import type { EntryCodec } from './entry-codec.ts';
import type { EventHub } from './event-hub.ts';
import type { OutcomeSlot } from './outcome-slot.ts';

/** How many entries, and for how many milliseconds, are applied before other work has its turn. */
const sliceEntries = 1_024;
const sliceMs = 8;

/** What an applier is made of. */
export interface ApplierParts {
  readonly clock: Clock;
  readonly entryCodec: EntryCodec;
  readonly hub: EventHub<AnyLogEntry>;
  onApplied(through: RoundNum, reports: readonly StateReport[]): void;
  /** The state, or the way to it, failed: it must be given up. */
  onFault(error: unknown): void;
  onHookError(hook: string, error: unknown): void;
}

/** Applies committed entries to the state, in round order, in slices, outside the voting path (rule P12). */
export class Applier {
  readonly #parts: ApplierParts;
  readonly #slots = new Map<RoundNum, OutcomeSlot>();
  #queue: Proposal[] = [];
  #head = 0;
  #due = false;
  #cancelSlice = (): void => {};
  #members: readonly NodeInfo[] = [];
  #concurrency = 0;
  #change: unknown;
  #round: RoundNum = 0;
  #running = false;
  state: AnyState | undefined;

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  /** The last round applied. */
  get round(): RoundNum {
    return this.#round;
  }

  get members(): readonly NodeInfo[] {
    return this.#members;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Takes up a state that stands after `round`, and says what it names. What waits below that is dropped. */
  install(state: AnyState, round: RoundNum): StateReport {
    this.#members = copyOf(checkedMembers(state.cluster()));
    this.#concurrency = checkedConcurrency(state);
    this.state = state;
    this.#round = round;
    this.#queue = [];
    this.#head = 0;
    return { round, members: this.#members, concurrency: this.#concurrency };
  }

  /** Gives the state up; whoever waits for an outcome gets `error`. */
  drop(error: unknown): void {
    this.state = undefined;
    this.#queue = [];
    this.#head = 0;
    this.#cancelSlice();
    this.#due = false;
    for (const slot of this.#slots.values()) slot.fail(error);
    this.#slots.clear();
  }

  /** The outcome of this round goes to the slot too. */
  expect(slot: OutcomeSlot): void {
    if (this.state === undefined || slot.round <= this.#round) slot.fail(new DisorientedError('unknown'));
    else this.#slots.set(slot.round, slot);
  }

  /** Rounds up to this one will not be applied here: a snapshot came instead. */
  skipThrough(round: RoundNum, error: unknown): void {
    for (const slot of this.#slots.values()) {
      if (slot.round > round) continue;
      this.#slots.delete(slot.round);
      slot.fail(error);
    }
  }

  push(proposals: readonly Proposal[]): void {
    if (this.state === undefined) return;
    for (const proposal of proposals) this.#queue.push(proposal);
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => this.#slice());
  }

  /** Applies all that waits, at once: while the log is replayed. */
  drain(): void {
    while (this.state !== undefined && this.#head < this.#queue.length) this.#apply(sliceEntries);
  }

  #slice(): void {
    this.#due = false;
    if (this.state === undefined) return;
    this.#apply(sliceEntries);
    if (this.#head >= this.#queue.length || this.#due) return;
    this.#due = true;
    this.#cancelSlice = this.#parts.clock.after(0, () => this.#slice());
  }

  #apply(count: number): void {
    const { clock } = this.#parts;
    const until = clock.now() + sliceMs;
    const reports: StateReport[] = [];
    const before = this.#round;
    this.#running = true;
    for (let left = count; left > 0 && this.#head < this.#queue.length; left -= 1) {
      const proposal = this.#queue[this.#head] as Proposal;
      this.#head += 1;
      if (proposal.round <= this.#round) continue;
      if (!this.#applyOne(proposal, reports)) break;
      if (left % 64 === 0 && clock.now() >= until) break;
    }
    this.#running = false;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 8_192) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (this.#round > before) this.#parts.onApplied(this.#round, reports);
  }

  readonly #context: { round: RoundNum; change(change: unknown): void } = {
    round: 0,
    change: (change) => {
      this.#change = change;
    },
  };

  #applyOne(proposal: Proposal, reports: StateReport[]): boolean {
    const { entryCodec, hub } = this.#parts;
    const { state } = this;
    const { round } = proposal;
    let entry: AnyLogEntry | undefined;
    let outcome: unknown;
    this.#change = undefined;
    if (state === undefined) return false;
    if (proposal.entry.kind === 'application') {
      try {
        entry = entryCodec.decode(proposal.entry);
        this.#context.round = round;
        outcome = synchronous(state.apply(entry as never, this.#context));
      } catch (error) {
        this.#parts.onFault(error);
        return false;
      }
      this.#report(state, round, reports);
    }
    this.#round = round;
    const slot = this.#slots.get(round);
    if (slot !== undefined) {
      this.#slots.delete(round);
      slot.fill(outcome);
    }
    if (hub.wants('apply')) hub.emit({ type: 'apply', round, entry, outcome, change: this.#change });
    return this.state !== undefined;
  }

  /** What a state names wrongly is reported and does not count: it names what it named before. */
  #report(state: AnyState, round: RoundNum, reports: StateReport[]): void {
    try {
      const members = state.cluster();
      const concurrency = checkedConcurrency(state);
      if (concurrency === this.#concurrency && sameMembers(members, this.#members)) return;
      // A copy, so that a state which changes its own list is still seen to have changed it.
      this.#members = copyOf(checkedMembers(members));
      this.#concurrency = concurrency;
      reports.push({ round, members: this.#members, concurrency });
    } catch (error) {
      this.#parts.onHookError('state.cluster, state.concurrency', error);
    }
  }
}

/** A promise would come to its end at another moment on every node. */
function synchronous(outcome: unknown): unknown {
  if (!isThenable(outcome)) return outcome;
  outcome.then(undefined, () => {});
  throw new InvalidError('state.apply()', outcome, 'it must not be asynchronous: give the outcome itself');
}

function copyOf(members: readonly NodeInfo[]): readonly NodeInfo[] {
  return members.map(({ id, address }) => (address === undefined ? { id } : { id, address }));
}
