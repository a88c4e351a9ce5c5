import type { AnyState, StateFactory } from '@paxakos/core';
import type { AnyLogEntry, Codec } from '@paxakos/core/contracts';
import type { SimulatedRead } from './application.ts';
import { checkersFor } from './checkers/checkers-for.ts';
import { Clients } from './clients.ts';
import { Coverage } from './coverage.ts';
import { Host } from './host.ts';
import { Knowledge } from './knowledge.ts';
import { isMajority } from './log-model.ts';
import type { Checker, Observation } from './observation.ts';
import type { StateProbe } from './observed-factory.ts';
import type { Plan } from './plan.ts';
import { Scheduler } from './scheduler.ts';
import { Seeded } from './seeded.ts';
import type { SequentialModel } from './sequential-model.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import type { CheckedSimulation } from './simulation-options.ts';
import { Transcript } from './transcript.ts';
import { WireTap } from './wire-tap.ts';

/** What a world is made of. */
export interface WorldParts {
  readonly seed: number;
  readonly plan: Plan;
  readonly factory: StateFactory<AnyState>;
  readonly codec: Codec | undefined;
  readonly probe: StateProbe;
  /** Makes the next entry to append, given its id. */
  readonly workload: (id: string, random: Seeded) => AnyLogEntry;
  /** What the linearizability checker knows of the state's objects. */
  readonly models: readonly SequentialModel[];
  /** How nodes are built and used, how clients read, and who judges. */
  readonly checked: Pick<
    CheckedSimulation,
    'application' | 'reads' | 'consistencies' | 'unchecked' | 'rescues' | 'leadsAlone' | 'tuning'
  >;
  readonly onLine: ((line: string) => void) | undefined;
}

/** A property that did not hold. */
export interface Violation {
  readonly checker: string;
  readonly problem: string;
  /** When, in milliseconds of the world. */
  readonly atMs: number;
}

/** A cluster, its network and its disks, under a virtual clock; and all who watch it. */
export class World {
  readonly cluster = 'simulated';
  readonly plan: Plan;
  readonly random: Seeded;
  readonly scheduler: Scheduler = new Scheduler();
  readonly factory: StateFactory<AnyState>;
  readonly codec: Codec | undefined;
  readonly probe: StateProbe;
  readonly knowledge: Knowledge;
  readonly network: SimulatedNetwork;
  readonly clients: Clients;
  readonly hosts: readonly Host[];
  readonly coverage: Coverage = new Coverage();
  readonly transcript: Transcript;
  violation: Violation | undefined;
  readonly checked: WorldParts['checked'];
  isHealed = false;
  readonly #checkers: readonly Checker[];
  readonly #workload: WorldParts['workload'];
  readonly #entryRandom: Seeded;
  #entries = 0;

  constructor({ seed, plan, factory, codec, probe, workload, models, checked, onLine }: WorldParts) {
    this.checked = checked;
    this.plan = plan;
    this.factory = factory;
    this.codec = codec;
    this.probe = probe;
    this.random = new Seeded(seed, 'world');
    this.#entryRandom = this.random.fork('entries');
    this.#workload = workload;
    this.transcript = new Transcript(() => this.scheduler.now, onLine);
    this.knowledge = new Knowledge({ factory, codec, digest: (state) => probe.digest(state) });
    this.#checkers = checkersFor(this.knowledge, models, checked.unchecked, (checker, problem) =>
      this.complain(checker, problem),
    );
    const tap = new WireTap(this.cluster, (life, to, message) => this.observe({ type: 'sent', life, to, message }));
    this.network = new SimulatedNetwork({
      scheduler: this.scheduler,
      random: this.random.fork('network'),
      frameBytesMax: plan.frameBytesMax,
      weather: plan.weather,
      onSend: (life, to, frame) => {
        this.transcript.mix(frame.length);
        if (tap.hear(life, to, frame) === 0) this.count('a message is sent in parts');
      },
      onArrive: (life) => this.transcript.mix(life.ordinal),
    });
    this.hosts = [...plan.founders, ...plan.spares].map((id) => new Host(this, id));
    this.clients = new Clients(this);
  }

  host(id: string): Host {
    return this.hosts.find((host) => host.id === id) as Host;
  }

  /** Everything that is seen goes through here. */
  readonly observe: (observation: Observation) => void = (observation) => {
    if (this.violation !== undefined) return;
    if ('life' in observation && !observation.life.isAlive && observation.type !== 'ended') return;
    this.transcript.see(observation);
    if ('life' in observation) this.host(observation.life.node).see(observation);
    this.knowledge.see(observation);
    for (const checker of this.#checkers) checker.see(observation);
    this.coverage.see(observation);
  };

  note(text: string): void {
    this.observe({ type: 'fault', text });
  }

  count(branch: string, times = 1): void {
    this.coverage.count(branch, times);
  }

  /** A property does not hold: the run is over. */
  complain(checker: string, problem: string): void {
    this.violation ??= { checker, problem, atMs: this.scheduler.now };
    this.scheduler.stop();
  }

  /** The run is over: what can only be said now. */
  end(): void {
    if (this.violation === undefined) for (const checker of this.#checkers) checker.end?.();
  }

  /** How many objects had a history too long to be judged. */
  get undecided(): number {
    return this.#checkers.reduce((sum, { undecided = 0 }) => sum + undecided, 0);
  }

  nextEntry(): AnyLogEntry {
    this.#entries += 1;
    return this.#workload(`e${this.#entries}`, this.#entryRandom);
  }

  /** A read that a client wants. */
  nextRead(): SimulatedRead<AnyState> | undefined {
    this.#entries += 1;
    return this.checked.reads?.(`r${this.#entries}`, this.#entryRandom);
  }

  /** An id for an entry of somebody else than the workload. */
  nextId(): string {
    this.#entries += 1;
    return `e${this.#entries}`;
  }

  /**
   * Whether the memory of a node may be lost now: more lost memories than a minority, in rounds that nobody safely knows, stop
   * any cluster for good, as they must.
   */
  mayLose(host: Host): boolean {
    const { model, foundedIn } = this.knowledge;
    if (!host.hasStarted) return false;
    // What founders forget while they meet may leave them at odds, which is said and stops everything.
    if (model === undefined || !this.plan.founders.every((id) => foundedIn.has(id))) return false;
    let safe = 0;
    for (const other of this.hosts) if (other !== host) safe = Math.max(safe, other.safelyCommitted);
    return this.#isIntact(safe, host);
  }

  /** Whether every round after `safe` has a majority of voters that still have the memory they vote by. */
  #isIntact(safe: number, without: Host | undefined): boolean {
    const { model } = this.knowledge;
    if (model === undefined) return true;
    for (let round = safe + 1; round <= model.reach; round += 1) {
      const voters = model.votersOf(round) ?? new Map<string, string>();
      const intact = [...voters].filter(([id, incarnation]) => {
        const host = this.host(id);
        return host !== without && !host.isDoomed && host.incarnation === incarnation;
      });
      if (!isMajority(intact.length, voters)) return false;
    }
    return true;
  }

  /** Whether the cluster can go on at all, by what is left of its memories. */
  get isHealable(): boolean {
    let known = 0;
    for (const { node, safelyCommitted } of this.hosts) known = Math.max(known, node?.committed ?? 0, safelyCommitted);
    return this.#isIntact(known, undefined);
  }
}
