import { type AnyState, createNode, isPaxakosError, type Starting } from '@paxakos/core';
import {
  defineDecoration,
  type PaxakosEvent,
  type PaxakosNode,
  type RoundNum,
  type Snapshot,
  type Storage,
} from '@paxakos/core/contracts';
import { decodeSnapshot } from '@paxakos/core/formats';
import { volatileStorage } from '@paxakos/core/memory';
import type { DurableRecord } from '@paxakos/core/protocol';
import { fsStorageOver } from '@paxakos/storage-fs/file-system';
import type { Harm } from './checkers/is-caused-by.ts';
import { Life } from './life.ts';
import type { Observation } from './observation.ts';
import { observedFactory } from './observed-factory.ts';
import { ObservedStorage } from './observed-storage.ts';
import type { Seeded } from './seeded.ts';
import { SimulatedDisk, simulatedDirectory } from './simulated-disk.ts';
import { watchedFiles } from './watched-files.ts';
import type { World } from './world.ts';

type Standing = 'down' | 'starting' | 'up' | 'stopping';

const eventTypes = [
  'init',
  'statusChange',
  'activate',
  'install',
  'commit',
  'apply',
  'gaps',
  'eject',
  'stranded',
  'hookError',
  'trouble',
  'failure',
] as const satisfies readonly PaxakosEvent['type'][];

/** How long it takes until somebody starts a node again that failed, in milliseconds. */
const mendMs = 400;

/** The machine of one node: its disk stays, its processes come and go. */
export class Host {
  readonly id: string;
  readonly disk: SimulatedDisk;
  readonly isVolatile: boolean;
  readonly #world: World;
  readonly #random: Seeded;
  standing: Standing = 'down';
  life: Life | undefined;
  node: PaxakosNode | undefined;
  rate: number;
  /** The memory that would be there after a restart. */
  incarnation: string | undefined;
  #isDoomed = false;
  /** Whether bits of its disk have been flipped, which stay so until it is wiped. */
  #isFlipped = false;
  /** Whether bits were flipped while the node started: what it had read by then was sound, so its success proves nothing. */
  #isFlippedDuringStart = false;
  /** Of how many votes its application is against. */
  dissent = 0;
  /** The round that peers no longer had when it was last in need of one. */
  #lacks: RoundNum | undefined;
  #lives = 0;
  #hasForgotten = false;
  #final: Snapshot | undefined;
  /** Rounds that its storage holds as committed, and up to where that is all of them. */
  #committed = new Set<RoundNum>();
  #committedThrough: RoundNum = 0;

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
    this.#random = world.random.fork(`node ${id}`);
    this.disk = new SimulatedDisk(world.scheduler, world.random.fork(`disk ${id}`));
    this.isVolatile = world.plan.volatile.includes(id);
    this.rate = world.plan.clockRates.get(id) ?? 1;
  }

  get hasStarted(): boolean {
    return this.#lives > 0;
  }

  /** Whether its disk is damaged: at the next start its memory may be gone. */
  get isDoomed(): boolean {
    return this.#isDoomed;
  }

  set isDoomed(isDoomed: boolean) {
    this.#isDoomed = isDoomed;
    if (!isDoomed) return;
    this.#isFlipped = true;
    this.#isFlippedDuringStart = this.standing === 'starting';
    if (this.life !== undefined) this.#harmed(this.life, 'flip');
  }

  /** Whether peers no longer have what it lacks; which a node says once for a round. */
  get isStranded(): boolean {
    return this.#lacks !== undefined && (this.node?.round ?? 0) < this.#lacks;
  }

  /** Up to which round it will still know every entry as committed after a restart. */
  get safelyCommitted(): RoundNum {
    return this.isDoomed ? 0 : this.#committedThrough;
  }

  /** Follows what reaches its storage. */
  see(observation: Observation): void {
    if (observation.type === 'saved' || observation.type === 'restored') this.#knownTo(observation.image.round);
    if (observation.type !== 'durable' && observation.type !== 'recovered') return;
    for (const record of observation.records) this.#note(record);
    this.#knownTo(this.#committedThrough);
  }

  #note(record: DurableRecord): void {
    if (record.type === 'entries') for (const { round } of record.entries) this.#committed.add(round);
    if (record.type !== 'commit') return;
    for (let round = record.from; round <= record.to; round += 1) this.#committed.add(round);
  }

  #knownTo(round: RoundNum): void {
    this.#committedThrough = Math.max(this.#committedThrough, round);
    while (this.#committed.delete(this.#committedThrough + 1)) this.#committedThrough += 1;
  }

  start(): void {
    if (this.standing !== 'down') return;
    const world = this.#world;
    this.#lives += 1;
    const life = new Life(world.scheduler, this.id, this.#lives, {
      rate: this.rate,
      base: this.#random.below(1_000_000),
      hasWall: world.plan.hasWallClocks,
    });
    const starting = this.#starting();
    this.life = life;
    this.standing = 'starting';
    this.#isFlippedDuringStart = false;
    this.#lacks = undefined;
    world.observe({ type: 'started', life, as: starting.as });
    if (this.#isFlipped) this.#harmed(life, 'flip');
    if (starting.as === 'resume')
      world.observe({ type: 'restored', life, image: decodeSnapshot(starting.snapshot.bytes) });
    const builder = createNode<AnyState>({
      id: this.id,
      cluster: world.cluster,
      state: observedFactory(world.factory, life, world.probe, world.observe),
      transport: world.network.transport(life),
      storage: new ObservedStorage(this.#storage(life), life, world.observe),
      clock: life,
      random: this.#random.fork(`life ${life.ordinal}`).next,
      starting,
      voter: {
        contemplateCandidate: () =>
          this.#random.chance(this.dissent) ? { vote: 'abstain', data: 'not now' } : { vote: 'yea' },
        contemplateProposal: () => (this.#random.chance(this.dissent) ? { vote: 'nay', data: 'no' } : { vote: 'yea' }),
      },
      snapshotEveryBytes: world.plan.snapshotEveryBytes,
      tuning: { ...world.plan.tuning, ...world.checked.tuning },
      ...(world.codec && { codec: world.codec }),
    }).with(this.#observer(life));
    const random = this.#random.fork(`application ${life.ordinal}`);
    const { application } = world.checked;
    const decorated =
      application.decorate?.(builder as never, { id: this.id, random, worldMs: () => world.scheduler.now }) ?? builder;
    decorated.start().then(
      (node) => this.#started(life, node, random),
      (error: unknown) => this.#failedToStart(life, error),
    );
  }

  #storage(life: Life): Storage {
    const { retain, segmentBytes } = this.#world.plan;
    if (this.isVolatile) return volatileStorage({ retain: retain.entries });
    const files = watchedFiles(this.disk.files(life), (code) => {
      if (code === 'EIO' || code === 'ENOSPC') this.#harmed(life, code);
    });
    return fsStorageOver(files, { directory: simulatedDirectory, segmentBytes, retain });
  }

  #harmed(life: Life, by: Harm): void {
    this.#world.observe({ type: 'harmed', life, by });
  }

  #starting(): Starting {
    const isFounder = this.#world.plan.founders.includes(this.id);
    const snapshot = this.#final;
    this.#final = undefined;
    if (snapshot !== undefined) return { as: 'resume', snapshot };
    if (!isFounder) return { as: this.#random.chance(0.5) ? 'join' : 'recover' };
    return { as: this.#hasForgotten && this.#random.chance(0.7) ? 'recover' : 'founder' };
  }

  #observer(life: Life) {
    const { observe } = this.#world;
    return defineDecoration()({
      name: 'simulation',
      install: ({ aroundAppend, node, onEvent }) => {
        aroundAppend((next) => (entry, options) => {
          if (life.isAlive) observe({ type: 'offered', life, entry });
          return next(entry, options);
        });
        onEvent('init', () => {
          this.incarnation = node.incarnation;
          observe({ type: 'running', life, incarnation: node.incarnation });
          observe({ type: 'event', life, event: { type: 'activate', participation: node.participation } });
        });
        for (const type of eventTypes) {
          onEvent(type, (event: PaxakosEvent) => {
            if (!life.isAlive) return;
            observe({ type: 'event', life, event });
            if (event.type === 'stranded') this.#lacks = event.round;
            if (event.type === 'failure') this.#mendLater(life);
          });
        }
        return {};
      },
    });
  }

  #started(life: Life, node: PaxakosNode, random: Seeded): void {
    if (!life.isAlive) return;
    this.node = node;
    this.standing = 'up';
    if (!this.#isFlippedDuringStart) this.isDoomed = false;
    this.#drive(life, node, random);
  }

  #drive(life: Life, node: PaxakosNode, random: Seeded): void {
    const world = this.#world;
    const { drive } = world.checked.application;
    if (drive === undefined) return;
    const complain = (problem: string): void => {
      if (life.isAlive) world.complain('application', `${this.id}: ${problem}`);
    };
    try {
      drive(node as never, {
        id: this.id,
        random,
        clock: life,
        signal: life.signal,
        worldMs: () => world.scheduler.now,
        isHealed: () => world.isHealed,
        complain,
        count: (branch, times) => {
          if (life.isAlive) world.count(branch, times);
        },
      });
    } catch (error) {
      complain(String(error));
    }
  }

  #failedToStart(life: Life, error: unknown): void {
    if (!life.isAlive) return;
    const isDamaged =
      isPaxakosError(error, 'PAXAKOS_STORAGE_CORRUPT') || isPaxakosError(error, 'PAXAKOS_STORAGE_VERSION');
    this.#world.note(`${this.id} cannot start: ${String(error)}`);
    this.#world.observe({ type: 'refused', life, what: 'start', error });
    if (isDamaged && !this.isDoomed)
      this.#world.complain('start', `${this.id} finds its disk damaged: ${String(error)}`);
    this.crash(false);
    if (isDamaged) {
      this.#world.count('a damaged disk is refused');
      this.forget();
    }
    this.#world.scheduler.after(mendMs, () => this.start());
  }

  /** Somebody notices that the node has failed, and starts it again. */
  #mendLater(life: Life): void {
    this.#world.scheduler.after(mendMs, () => {
      if (this.life !== life || !life.isAlive) return;
      this.crash(false);
      this.start();
    });
  }

  /** The process ends at once. With a power cut what was not synced may be lost. */
  crash(isPowerCut: boolean): void {
    const { life } = this;
    if (life === undefined || this.standing === 'down') return;
    this.#end('crash');
    this.disk.crash(isPowerCut);
    if (this.isVolatile) this.forget();
  }

  #end(how: 'crash' | 'stop'): void {
    const life = this.life as Life;
    life.end();
    this.node = undefined;
    this.standing = 'down';
    this.#world.observe({ type: 'ended', life, how });
    this.#world.clients.ended(life);
  }

  /** All that it kept is gone. */
  forget(): void {
    if (this.standing !== 'down') this.crash(true);
    this.disk.wipe();
    this.incarnation = undefined;
    this.isDoomed = false;
    this.#isFlipped = false;
    this.#final = undefined;
    this.#committed.clear();
    this.#committedThrough = 0;
    this.#hasForgotten = this.hasStarted;
    this.#world.observe({ type: 'forgot', node: this.id });
  }

  /** Stops as an operator stops it, and comes back. */
  stop(downMs: number): void {
    const { life, node } = this;
    if (node === undefined || life === undefined || this.standing !== 'up') return;
    this.standing = 'stopping';
    const ended = (snapshot: Snapshot | undefined): void => {
      if (!life.isAlive) return;
      const { incarnation } = this;
      this.#end('stop');
      this.disk.crash(false);
      if (this.isVolatile && snapshot === undefined) this.forget();
      else if (this.isVolatile) {
        this.#final = snapshot;
        this.incarnation = incarnation;
      }
      this.#world.scheduler.after(downMs, () => this.start());
    };
    node.stop().then(ended, (error: unknown) => {
      this.#cannotStop(life, error);
      ended(undefined);
    });
  }

  /** A storage that has not answered for long is a hung disk, a slow one, or a clock that did not go on as the disk did. */
  #cannotStop(life: Life, error: unknown): void {
    const { isHung, slowness } = this.disk.faults;
    if (isHung || slowness > 1 || life.isDisturbed) this.#harmed(life, 'hang');
    this.#world.observe({ type: 'refused', life, what: 'stop', error });
  }
}
