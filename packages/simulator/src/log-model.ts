import type { AnyState, StateFactory } from '@paxakos/core';
import { jsonCodec } from '@paxakos/core';
import type { AnyLogEntry, Codec, Entry, Founding, IncarnationId, NodeId, RoundNum } from '@paxakos/core/contracts';
import { payloadOf, rejoinOf } from '@paxakos/core/formats';

/** Whose votes count in a round, and by which memory. */
export type Voters = ReadonlyMap<NodeId, IncarnationId>;

/** What the one log makes of a round. */
export interface ModelRound {
  readonly outcome: unknown;
  /** Of the state after it. */
  readonly digest: string;
}

/** How the model gets at states. */
export interface ModelParts {
  readonly factory: StateFactory<AnyState>;
  readonly codec: Codec | undefined;
  readonly digest: (state: AnyState) => string;
}

/**
 * Rules P9, P10 and P12 in their plainest form: one state and one log, applied round by round, give the voters of every round
 * that the window reaches, and what every node must have after each round.
 */
export class LogModel {
  readonly #state: AnyState;
  readonly #codec: Codec;
  readonly #digest: (state: AnyState) => string;
  readonly #incarnations: Map<NodeId, IncarnationId>;
  readonly #voters: Voters[] = [new Map()];
  readonly #rounds: ModelRound[];
  /** Every incarnation that the founding or the log has ever named. */
  readonly named: Set<IncarnationId>;
  readonly entries: (AnyLogEntry | undefined)[] = [undefined];

  constructor(founding: Founding, { factory, codec, digest }: ModelParts) {
    this.#state = factory.create();
    this.#codec = codec ?? jsonCodec;
    this.#digest = digest;
    this.#incarnations = new Map(founding.incarnations);
    this.named = new Set(this.#incarnations.values());
    this.#rounds = [{ outcome: undefined, digest: digest(this.#state) }];
    this.#reachTo(this.#concurrency);
  }

  get #concurrency(): number {
    return this.#state.concurrency?.() ?? 1_024;
  }

  /** The last round applied. */
  get applied(): RoundNum {
    return this.#rounds.length - 1;
  }

  /** The last round whose voters are known. */
  get reach(): RoundNum {
    return this.#voters.length - 1;
  }

  get members(): readonly NodeId[] {
    return this.#state.cluster().map(({ id }) => id);
  }

  incarnationOf(node: NodeId): IncarnationId | undefined {
    return this.#incarnations.get(node);
  }

  round(round: RoundNum): ModelRound | undefined {
    return this.#rounds[round];
  }

  votersOf(round: RoundNum): Voters | undefined {
    return this.#voters[round];
  }

  /** Applies the entry of the next round. */
  apply(entry: Entry): void {
    const round = this.applied + 1;
    let outcome: unknown;
    let value: AnyLogEntry | undefined;
    if (entry.kind === 'application') {
      const id = new TextDecoder().decode(entry.id);
      value = { ...(this.#codec.decode(payloadOf(entry)) as { type: string }), id };
      outcome = this.#state.apply(value as never, { round, change: () => {} });
    }
    const rejoin = rejoinOf(entry);
    if (rejoin !== undefined && this.#incarnations.get(rejoin.node.id) === rejoin.replaces) {
      this.#incarnations.set(rejoin.node.id, rejoin.incarnation);
      this.named.add(rejoin.incarnation);
    }
    const digest =
      entry.kind === 'application' ? this.#digest(this.#state) : (this.#rounds.at(-1) as ModelRound).digest;
    this.#rounds.push({ outcome, digest });
    this.entries.push(value);
    this.#reachTo(round + this.#concurrency);
  }

  #reachTo(reach: RoundNum): void {
    if (this.reach >= reach) return;
    const named = this.members;
    const met = named.filter((id) => this.#incarnations.has(id));
    // With too few that were ever heard of, those who governed go on.
    const latest = this.#voters.at(-1) as Voters;
    const ids = met.length > named.length / 2 || latest.size === 0 ? met : [...latest.keys()];
    const next: Voters = new Map(ids.map((id) => [id, this.#incarnations.get(id) as IncarnationId]));
    while (this.reach < reach) this.#voters.push(next);
  }
}

/** Whether these are more than half. */
export function isMajority(count: number, voters: Voters): boolean {
  return count * 2 > voters.size;
}
