// Durability: what an append acknowledged stays in the log; and what a storage called durable (its memory, bids, promises,
// acceptances, snapshots) is there when it is next opened, unless its node was made to forget. So are commits, but for those that
// were written before a snapshot of a lesser round: these may have to be learned again.
import type { CoordNum, IncarnationId, NodeId, RoundNum } from '@paxakos/core/contracts';
import { compareCoordNums, type DurableRecord, type SnapshotImage } from '@paxakos/core/protocol';
import { textOf } from '../describe.ts';
import { type Knowledge, nameOf } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation, Operation } from '../observation.ts';

/** What a storage holds, as far as the log and its acceptor are concerned. */
class Held {
  /** The greatest number that must not be bid under again. */
  bid: CoordNum | undefined;
  promised: CoordNum | undefined;
  readonly accepted = new Map<RoundNum, CoordNum>();
  /** What was committed and written since the last snapshot was given to the storage. */
  readonly committed = new Set<RoundNum>();
  snapshot: RoundNum = 0;

  take(record: DurableRecord): void {
    if (record.type === 'bid' && isLess(this.bid, record.number)) this.bid = record.number;
    if (record.type !== 'promise' && record.type !== 'accept') return;
    if (isLess(this.promised, record.number)) this.promised = record.number;
    if (record.type === 'accept')
      for (let index = 0; index < record.entries.length; index += 1)
        this.accepted.set(record.from + index, record.number);
  }

  commit(record: DurableRecord): void {
    if (record.type === 'commit')
      for (let round = record.from; round <= record.to; round += 1) this.committed.add(round);
    if (record.type === 'entries') for (const { round } of record.entries) this.committed.add(round);
  }

  restore({ round, greatest, promised, accepted }: SnapshotImage): void {
    this.snapshot = round;
    this.bid = greatest;
    this.promised = promised;
    for (const { round: at, number } of accepted) this.accepted.set(at, number);
  }
}

/** The writes of a life that are under way. */
interface Writes {
  pending: number;
  /** Of how many of them a snapshot stands for the commits. */
  covered: number;
}

/** Checks that nothing is lost that was promised to be kept. */
export class DurabilityChecker implements Checker {
  readonly name = 'durability';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  readonly #promised = new Map<IncarnationId, Held>();
  readonly #writes = new WeakMap<Life, Writes>();
  readonly #found = new WeakMap<Life, Held>();
  /** The memory under which each node keeps anything. */
  readonly #incarnations = new Map<NodeId, IncarnationId>();
  readonly #acknowledged: { readonly operation: Operation; readonly round: RoundNum }[] = [];

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'durable': {
        const held = this.#keptBy(observation.life);
        const writes = this.#writesOf(observation.life);
        for (const record of observation.records) held?.take(record);
        if (writes.covered === 0) for (const record of observation.records) held?.commit(record);
        writes.covered = Math.max(0, writes.covered - 1);
        writes.pending -= 1;
        return;
      }
      case 'written':
        this.#writesOf(observation.life).pending += 1;
        return;
      case 'saving': {
        const writes = this.#writesOf(observation.life);
        writes.covered = writes.pending;
        this.#keptBy(observation.life)?.committed.clear();
        return;
      }
      case 'saved': {
        const held = this.#keptBy(observation.life);
        if (held !== undefined) held.snapshot = Math.max(held.snapshot, observation.image.round);
        return;
      }
      case 'forgot':
        this.#incarnations.delete(observation.node);
        return;
      case 'restored':
        this.#heldBy(observation.life).restore(observation.image);
        return;
      case 'recovered':
        for (const record of observation.records) {
          this.#heldBy(observation.life).take(record);
          this.#heldBy(observation.life).commit(record);
        }
        return;
      case 'opened':
        return this.#opened(observation.life);
      case 'settled':
        if (observation.settled.kind !== 'committed') return;
        this.#acknowledged.push({ operation: observation.operation, round: observation.settled.round });
        return this.#checkAcknowledged(observation.operation, observation.settled.round);
    }
  }

  end(): void {
    for (const { operation, round } of this.#acknowledged) this.#checkAcknowledged(operation, round);
  }

  #writesOf(life: Life): Writes {
    const writes = this.#writes.get(life) ?? { pending: 0, covered: 0 };
    this.#writes.set(life, writes);
    return writes;
  }

  #heldBy(life: Life): Held {
    const held = this.#found.get(life) ?? new Held();
    this.#found.set(life, held);
    return held;
  }

  /** What the storage of a life has called durable, under the memory that the node has. */
  #keptBy(life: Life): Held | undefined {
    const incarnation = this.#knowledge.incarnationOf(life);
    if (incarnation === undefined) return undefined;
    this.#incarnations.set(life.node, incarnation);
    const held = this.#promised.get(incarnation) ?? new Held();
    this.#promised.set(incarnation, held);
    return held;
  }

  #opened(life: Life): void {
    const incarnation = this.#knowledge.incarnationOf(life);
    const kept = this.#incarnations.get(life.node);
    if (kept !== undefined && incarnation !== kept)
      this.#complain(`${life.node} comes back with ${incarnation ?? 'no memory'}, and not with its memory ${kept}`);
    const expected = incarnation === undefined ? undefined : this.#promised.get(incarnation);
    if (expected === undefined) return;
    const found = this.#heldBy(life);
    const { bid, promised } = expected;
    if (bid !== undefined && isLess(found.bid, bid))
      this.#complain(`${life.node} comes back without its bid under ${nameOf(bid)}`);
    if (found.snapshot < expected.snapshot)
      this.#complain(`${life.node} comes back without its snapshot after round ${expected.snapshot}`);
    if (promised !== undefined && isLess(found.promised, promised))
      this.#complain(`${life.node} comes back without its promise of ${nameOf(promised)}`);
    for (const [round, number] of expected.accepted) {
      if (round <= found.snapshot) continue;
      const kept = found.accepted.get(round);
      if (isLess(kept, number))
        this.#complain(`${life.node} comes back without its acceptance of round ${round} under ${nameOf(number)}`);
    }
    for (const round of expected.committed)
      if (round > found.snapshot && !found.committed.has(round))
        this.#complain(`${life.node} comes back without the commit of round ${round}`);
    this.#promised.set(incarnation as IncarnationId, found);
  }

  #checkAcknowledged({ entry }: Operation, round: RoundNum): void {
    const held = textOf(this.#knowledge.committed.get(round));
    if (held !== entry.id) this.#complain(`${entry.id} was acknowledged in round ${round}, which holds ${held}`);
  }
}

function isLess(number: CoordNum | undefined, than: CoordNum): boolean {
  return number === undefined || compareCoordNums(number, than) < 0;
}
