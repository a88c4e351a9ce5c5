import type { Message, NodeInfo, Proposal } from '../contracts/index.ts';
import type { CommitRecord, DurableRecord, EntriesRecord } from './durable-record.ts';
import type { Effect, ReplicaEvent, Settlement } from './effect.ts';

/** How long, and up to how many bytes, a record that nobody waits for may wait for company. */
const noteMs = 50;
const noteBytesMax = 1024 * 1024;

/** Collects the effects of one step. */
export class Outbox {
  now = 0;
  /** The last ticket known to be durable. */
  durable = 0;
  #ticket = 0;
  #effects: Effect[] = [];
  #wakeAt = Number.POSITIVE_INFINITY;
  #announced = Number.POSITIVE_INFINITY;
  #oldestPendingSince = Number.POSITIVE_INFINITY;
  #notes: DurableRecord[] = [];
  #noteBytes = 0;
  #notedAt = 0;

  send(to: readonly NodeInfo[], message: Message): void {
    if (to.length > 0) this.#effects.push({ type: 'send', to, message });
  }

  /** Makes records durable; `then` happens only afterwards. Gives the ticket. */
  persist(records: readonly DurableRecord[], then: readonly Effect[] = []): number {
    this.#ticket += 1;
    if (this.#oldestPendingSince === Number.POSITIVE_INFINITY) this.#oldestPendingSince = this.now;
    const all = this.#notes.length === 0 ? records : [...this.#notes, ...records];
    this.#notes = [];
    this.#noteBytes = 0;
    this.#effects.push({ type: 'persist', ticket: this.#ticket, records: all, then });
    return this.#ticket;
  }

  /** Keeps a record that is safe to lose, a commit, until the next write: it must not cost a sync of its own. */
  note(record: CommitRecord | EntriesRecord): void {
    const last = this.#notes.at(-1);
    if (this.#notes.length === 0) this.#notedAt = this.now;
    if (
      record.type === 'commit' &&
      last?.type === 'commit' &&
      last.number === record.number &&
      last.to + 1 === record.from
    ) {
      this.#notes[this.#notes.length - 1] = { ...last, to: record.to };
    } else {
      this.#notes.push(record);
    }
    if (record.type === 'entries') for (const { entry } of record.entries) this.#noteBytes += entry.bytes.length;
    if (this.#noteBytes > noteBytesMax) this.persist([]);
  }

  /** Writes what has waited long enough. */
  flushNotes(now: boolean): void {
    if (this.#notes.length === 0) return;
    if (now || this.now >= this.#notedAt + noteMs) this.persist([]);
    else this.wakeAt(this.#notedAt + noteMs);
  }

  /** Sends once everything recorded so far is durable (rule P1). */
  sendDurably(to: NodeInfo, message: Message): void {
    if (this.durable === this.#ticket) this.send([to], message);
    else this.persist([], [{ type: 'send', to: [to], message }]);
  }

  persisted(ticket: number): void {
    this.durable = Math.max(this.durable, ticket);
    this.#oldestPendingSince = this.durable === this.#ticket ? Number.POSITIVE_INFINITY : this.now;
  }

  /** Milliseconds for which a write has been pending without any progress. */
  get pendingMs(): number {
    return this.#oldestPendingSince === Number.POSITIVE_INFINITY ? 0 : this.now - this.#oldestPendingSince;
  }

  apply(proposals: readonly Proposal[]): void {
    this.#effects.push({ type: 'apply', proposals });
  }

  serve(to: NodeInfo, from: number, through: number, committed: number): void {
    this.#effects.push({ type: 'serve', to, rounds: { from, to: through }, committed });
  }

  settle(key: number, settlement: Settlement): void {
    this.#effects.push({ type: 'settle', key, settlement });
  }

  emit(event: ReplicaEvent): void {
    this.#effects.push({ type: 'emit', event });
  }

  wakeAt(at: number): void {
    if (at < this.#wakeAt) this.#wakeAt = at;
  }

  /** Begins a step. `woken`: the driver's timer has gone off, so the next moment must be announced anew. */
  begin(now: number, woken: boolean): void {
    this.now = Math.max(this.now, now);
    this.#wakeAt = Number.POSITIVE_INFINITY;
    if (woken) this.#announced = Number.POSITIVE_INFINITY;
  }

  /** The effects of the step; the moment to wake at is added where it is sooner than the last one announced. */
  end(): readonly Effect[] {
    if (this.#wakeAt < this.#announced) {
      this.#announced = this.#wakeAt;
      this.#effects.push({ type: 'wakeAt', at: this.#wakeAt });
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
