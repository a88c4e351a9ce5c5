import { AppendError, type AppendOptions, backoff, indefinitely, isPaxakosError, never } from '@paxakos/core';
import type { AnyLogEntry } from '@paxakos/core/contracts';
import type { Host } from './host.ts';
import type { Life } from './life.ts';
import type { Operation } from './observation.ts';
import type { Seeded } from './seeded.ts';
import type { World } from './world.ts';

interface Pending {
  readonly operation: Operation;
  readonly life: Life;
  /** Whether it may wait for a round to come. */
  readonly isAhead: boolean;
}

/** Those who append. */
export class Clients {
  readonly #world: World;
  readonly #random: Seeded;
  readonly #pending = new Set<Pending>();
  /** How many appends were tried, and acknowledged. */
  appends = 0;
  committed = 0;
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork('clients');
  }

  /** How many have not come to an end. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Whether any waits for the log to go on: for a round to come, or, at a node that is no member, to learn what became of an entry
   * beyond its end.
   */
  waitForLog(members: readonly Host[]): boolean {
    return [...this.#pending].some(({ isAhead, life }) => isAhead || !members.some((host) => host.life === life));
  }

  /** Appends now and then, until `stop`. */
  begin(): void {
    const { appendsPerSecond, burstMax } = this.#world.plan;
    const next = (): void => {
      if (this.#isOver) return;
      const count = 1 + this.#random.below(burstMax);
      const host = this.#someHost();
      if (host !== undefined) for (let left = count; left > 0; left -= 1) this.#appendSome(host);
      const gapMs = -Math.log(1 - this.#random.next()) * (1_000 / appendsPerSecond) * ((burstMax + 1) / 2);
      this.#world.scheduler.after(gapMs, next);
    };
    next();
  }

  stop(): void {
    this.#isOver = true;
  }

  #someHost(): Host | undefined {
    const up = this.#world.hosts.filter(({ node }) => node !== undefined);
    if (up.length === 0) return undefined;
    const leaders = up.filter(({ node }) => node?.status === 'leading');
    return this.#random.pick(leaders.length > 0 && this.#random.chance(0.6) ? leaders : up);
  }

  #appendSome(host: Host): void {
    if (this.#world.checked.reads !== undefined && this.#random.chance(0.06)) return this.#read(host);
    void this.append(host, this.#world.nextEntry(), this.#options());
  }

  #options(): AppendOptions {
    const random = this.#random;
    const leadership = random.pick(['acquire', 'acquire', 'acquire', 'acquire', 'require', 'check'] as const);
    // Who only maintains leadership, and never gives up, may have to wait for ever.
    const patient = leadership === 'acquire' ? indefinitely() : never;
    const retry = random.pick([never, backoff({ elapsedMsMax: 3_000 }), backoff({ elapsedMsMax: 3_000 }), patient]);
    const options = { leadership, retry };
    if (random.chance(0.03)) {
      const from = Math.max(1, (this.#world.knowledge.model?.applied ?? 0) + random.below(12) - 4);
      return { ...options, round: { from, to: from + random.below(6) } };
    }
    if (!random.chance(0.03)) return options;
    const controller = new AbortController();
    this.#world.scheduler.after(random.below(300), () => controller.abort('enough'));
    return { ...options, signal: controller.signal };
  }

  /** Appends an entry at some node that is up: something an operator wants. */
  appendAnywhere(entry: AnyLogEntry): void {
    const host = this.#someHost();
    if (host !== undefined) void this.append(host, entry, { retry: backoff({ elapsedMsMax: 5_000 }) });
  }

  append(host: Host, entry: AnyLogEntry, options: AppendOptions): Promise<boolean> {
    const { life, node } = host;
    if (life === undefined || node === undefined) return Promise.resolve(false);
    this.appends += 1;
    const operation: Operation = { entry, node: host.id, ordinal: this.appends };
    const pending: Pending = { operation, life, isAhead: options.round !== undefined };
    this.#pending.add(pending);
    this.#world.observe({ type: 'invoked', operation });
    return node.append(entry as never, options).then(
      async (commit) => {
        if (!this.#pending.has(pending)) return false;
        this.committed += 1;
        this.#world.observe({ type: 'settled', operation, settled: { kind: 'committed', round: commit.round } });
        try {
          const outcome: unknown = await commit.applied();
          if (this.#pending.delete(pending))
            this.#world.observe({
              type: 'settled',
              operation,
              settled: { kind: 'applied', round: commit.round, outcome },
            });
        } catch {
          this.#unknown(pending);
        }
        return true;
      },
      (error: unknown) => {
        this.#failed(pending, error);
        return false;
      },
    );
  }

  #read(host: Host): void {
    const { life, node } = host;
    const { consistencies } = this.#world.checked;
    const wanted = this.#world.nextRead();
    if (life === undefined || node === undefined || wanted === undefined) return;
    const { entry, read } = wanted;
    this.appends += 1;
    const operation: Operation = { entry, node: host.id, ordinal: this.appends, isRead: true };
    const pending: Pending = { operation, life, isAhead: false };
    this.#pending.add(pending);
    this.#world.observe({ type: 'invoked', operation });
    const consistency = this.#random.pick(consistencies);
    node
      .read((state) => [read(state as never), node.round] as const, { consistency })
      .then(
        ([outcome, round]) => {
          if (!this.#pending.delete(pending)) return;
          this.#world.count(`read: ${consistency}`);
          this.#world.observe({ type: 'settled', operation, settled: { kind: 'applied', round, outcome } });
        },
        (error: unknown) => {
          if (!this.#pending.delete(pending)) return;
          const code = isPaxakosError(error) ? error.code : 'PAXAKOS_INVALID';
          if (code === 'PAXAKOS_INVALID') return this.#world.complain('read', `${entry.id}: ${String(error)}`);
          // A read has no effect, whatever became of its no-op.
          const settled = { kind: 'failed', code, effect: 'none', isFinal: true } as const;
          this.#world.observe({ type: 'settled', operation, settled });
        },
      );
  }

  #failed(pending: Pending, error: unknown): void {
    if (!this.#pending.delete(pending)) return;
    const { operation } = pending;
    if (!(error instanceof AppendError)) {
      this.#world.complain('append', `${operation.entry.id}: ${String(error)}`);
      return;
    }
    const { code, effect } = error;
    const other = effect === 'none' && !this.#isOver && this.#random.chance(0.5) ? this.#someHost() : undefined;
    const isFinal = other === undefined;
    this.#world.observe({ type: 'settled', operation, settled: { kind: 'failed', code, effect, isFinal } });
    if (other !== undefined)
      this.#world.scheduler.after(this.#random.below(50), () => {
        if (other.node === undefined) return;
        void this.append(other, operation.entry, this.#options());
      });
  }

  #unknown(pending: Pending): void {
    if (!this.#pending.delete(pending)) return;
    this.#world.observe({ type: 'settled', operation: pending.operation, settled: { kind: 'unknown' } });
  }

  /** A life is over: nobody hears what came of its appends. */
  ended(life: Life): void {
    for (const pending of this.#pending) if (pending.life === life) this.#unknown(pending);
  }
}
