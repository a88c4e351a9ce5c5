import type { AnyLogEntry } from '@paxakos/core/contracts';
import { ejectedOnPurpose } from './checkers/invariants.ts';
import { DiskEffects } from './disk-effects.ts';
import { describeFault, type Fault } from './fault.ts';
import type { Host } from './host.ts';
import { Layers } from './layers.ts';
import type { Life } from './life.ts';
import type { Weather } from './simulated-network.ts';
import type { World } from './world.ts';

/** What the application appends to change the cluster. */
export interface Changes {
  admit(id: string, node: string): AnyLogEntry;
  dismiss(id: string, node: string): AnyLogEntry;
  window(id: string, concurrency: number): AnyLogEntry;
}

type Kind = Fault['kind'];

/** These count once they have an effect, which may be never. */
const countsLater: ReadonlySet<Kind> = new Set<Kind>([
  'crash',
  'snapshot',
  'diskFull',
  'diskHung',
  'diskSlow',
  'failSync',
  'failWrite',
]);

/** Does to a world what is planned, and counts what came about. */
export class Nemesis {
  readonly #world: World;
  readonly #changes: Partial<Changes>;
  readonly #diskEffects: DiskEffects;
  readonly #layers = new Layers();
  readonly #fairWeather: Weather;
  /** Whether the world is being healed: nothing new is done, and nothing planned is taken back any more. */
  #isOver = false;

  constructor(world: World, changes: Partial<Changes>) {
    this.#world = world;
    this.#changes = changes;
    this.#diskEffects = new DiskEffects(world);
    this.#fairWeather = world.network.weather;
  }

  /** Sees to it that each fault happens in its time. */
  plan(faults: readonly Fault[]): void {
    for (const fault of faults) this.#world.scheduler.at(fault.at, () => this.#inflict(fault));
  }

  stop(): void {
    this.#isOver = true;
  }

  #inflict(fault: Fault): void {
    if (this.#isOver) return;
    const isDone = this.#do(fault);
    this.#world.note(`${isDone ? '' : 'not now: '}${describeFault(fault)}`);
    if (isDone && !countsLater.has(fault.kind)) this.#count(fault.kind);
  }

  #count(kind: Kind): void {
    this.#world.count(`fault: ${kind}`);
  }

  #later(delayMs: number, run: () => void): true {
    this.#world.scheduler.after(delayMs, () => {
      if (!this.#isOver) run();
    });
    return true;
  }

  /** Something holds for a while; another one of the same name may begin before it ends, or end before it. */
  #during<T>(forMs: number, name: string, value: T, apply: (value: T | undefined) => void): true {
    return this.#later(forMs, this.#layers.lay(name, value, apply));
  }

  /** Gives whether it is done, or at least lies in wait. */
  #do(fault: Fault): boolean {
    const { network } = this.#world;
    switch (fault.kind) {
      case 'weather':
        return this.#during(fault.forMs, 'weather', fault.weather, (weather = this.#fairWeather) => {
          network.weather = weather;
        });
      case 'cut':
        for (const [from, to] of fault.ways) network.cut(from, to);
        this.#later(fault.forMs, () => {
          for (const [from, to] of fault.ways) network.mend(from, to);
        });
        return fault.ways.length > 0;
      case 'replay':
        return network.replay(fault.count) > 0;
      case 'blackout':
        return this.#blackout(fault.downMs);
      case 'window':
        return this.#append((id) => this.#changes.window?.(id, fault.concurrency));
      case 'snapshot':
        return this.#snapshot(this.#world.host(fault.from), this.#world.host(fault.to));
      case 'admit':
        return this.#admit(fault.node);
      case 'dismiss':
        return this.#append((id) => this.#changes.dismiss?.(id, fault.node));
      default:
        return this.#doTo(this.#world.host(fault.node), fault);
    }
  }

  #doTo(host: Host, fault: Extract<Fault, { readonly node: string }>): boolean {
    switch (fault.kind) {
      case 'crash':
        return this.#crash(host, fault);
      case 'forget':
        if (!this.#world.mayLose(host)) return false;
        host.forget();
        return this.#later(fault.downMs, () => host.start());
      case 'stop':
        if (host.standing !== 'up' || (host.isVolatile && !this.#world.mayLose(host))) return false;
        host.stop(fault.downMs);
        return true;
      case 'eject':
        return this.#eject(host);
      case 'pause':
      case 'clockRate':
      case 'clockJump':
        return host.life?.isAlive === true && this.#doToLife(host, host.life, fault);
      case 'dissent':
        if (host.standing !== 'up') return false;
        return this.#during(fault.forMs, `dissent of ${host.id}`, fault.share, (share = 0) => {
          host.dissent = share;
        });
      default:
        return !host.isVolatile && host.hasStarted && this.#doToDisk(host, fault);
    }
  }

  #doToLife(
    host: Host,
    life: Life,
    fault: Extract<Fault, { readonly kind: 'pause' | 'clockRate' | 'clockJump' }>,
  ): boolean {
    switch (fault.kind) {
      case 'pause':
        return this.#during(fault.forMs, `pause of ${host.id} ${life.ordinal}`, true, (isPaused = false) =>
          isPaused ? life.pause() : life.resume(),
        );
      case 'clockRate':
        host.rate = fault.rate;
        life.setRate(fault.rate);
        return true;
      case 'clockJump':
        life.jump(fault.aheadMs);
        return true;
    }
  }

  /**
   * Somebody must keep a state: one that nobody has is gone for good. Where no operator helps, it must be another member: a node
   * that was the only one for all its life knows nobody else to ask.
   */
  #eject(host: Host): boolean {
    const { checked, hosts, knowledge } = this.#world;
    const keepers = checked.rescues ? hosts : hosts.filter(({ id }) => knowledge.model?.members.includes(id));
    const others = keepers.filter(({ node }) => node !== undefined && node.status !== 'disoriented');
    const hasState = host.standing === 'up' && host.node?.status !== 'disoriented';
    if (host.node === undefined || !hasState || !others.some((other) => other !== host)) return false;
    void host.node.eject(ejectedOnPurpose);
    return true;
  }

  #doToDisk(host: Host, fault: Fault): boolean {
    const { disk } = host;
    switch (fault.kind) {
      case 'diskFull':
        return this.#duringOn(host, fault, true, (isFull = false) => {
          disk.faults.isFull = isFull;
        });
      case 'diskHung':
        return this.#duringOn(host, fault, true, (isHung = false) => {
          disk.faults.isHung = isHung;
          if (!isHung) disk.unhang();
        });
      case 'diskSlow':
        return this.#duringOn(host, fault, fault.slowness, (slowness = 1) => {
          disk.faults.slowness = slowness;
        });
      case 'failSync':
      case 'failWrite':
        disk.faults.fails = fault.kind === 'failSync' ? 'sync' : 'write';
        this.#diskEffects.await(host, fault.kind);
        return true;
      case 'flip':
        if (!this.#world.mayLose(host) || !disk.flip()) return false;
        host.isDoomed = true;
        return true;
      default:
        return false;
    }
  }

  /** Something is wrong with a disk for a while. */
  #duringOn<T>(
    host: Host,
    { forMs, kind }: Extract<Fault, { readonly kind: 'diskFull' | 'diskHung' | 'diskSlow' }>,
    value: T,
    apply: (value: T | undefined) => void,
  ): true {
    this.#diskEffects.await(host, kind);
    return this.#during(forMs, `${kind} of ${host.id}`, value, (now) => {
      if (now === undefined) this.#diskEffects.forget(host, kind);
      apply(now);
    });
  }

  #mayCrash(host: Host): boolean {
    return host.standing !== 'down' && (!host.isVolatile || this.#world.mayLose(host));
  }

  #crash(host: Host, fault: Extract<Fault, { readonly kind: 'crash' }>): boolean {
    const crash = (): boolean => {
      host.disk.faults.onChange = () => {};
      if (!this.#mayCrash(host)) return false;
      this.#world.note(`${host.id} crashes`);
      host.crash(fault.isPowerCut);
      this.#count('crash');
      return this.#later(fault.downMs, () => host.start());
    };
    if (!this.#mayCrash(host)) return false;
    let left = fault.afterChanges;
    if (left === 0 || host.isVolatile) return crash();
    host.disk.faults.onChange = () => {
      left -= 1;
      if (left === 0 && crash()) this.#world.count('a crash within a change to the disk');
    };
    return true;
  }

  #blackout(downMs: number): boolean {
    const hosts = this.#world.hosts.filter((host) => {
      if (!this.#mayCrash(host)) return false;
      host.crash(true);
      return this.#later(downMs, () => host.start());
    });
    return hosts.length > 0;
  }

  #append(entryOf: (id: string) => AnyLogEntry | undefined): boolean {
    const entry = entryOf(this.#world.nextId());
    const isHeard = this.#world.hosts.some(({ node }) => node !== undefined);
    if (entry !== undefined && isHeard) this.#world.clients.appendAnywhere(entry);
    return entry !== undefined && isHeard;
  }

  #admit(node: string): boolean {
    const host = this.#world.host(node);
    // A newcomer may be there before it is admitted, or long after.
    if (!host.hasStarted) this.#later(host.id < 'e' ? 0 : 800, () => host.start());
    return this.#append((id) => this.#changes.admit?.(id, node));
  }

  #snapshot(from: Host, to: Host): boolean {
    if (from.node === undefined || to.node === undefined) return false;
    void this.#transfer(from, to).then((isInstalled) => {
      if (isInstalled) this.#count('snapshot');
    });
    return true;
  }

  /** Gives whether the state of one node has become that of another one. */
  async #transfer(from: Host, to: Host): Promise<boolean> {
    try {
      const snapshot = await from.node?.takeSnapshot();
      const { node } = to;
      if (snapshot === undefined || node === undefined || from === to) return false;
      await node.installSnapshot(snapshot);
      return true;
    } catch (error) {
      this.#world.note(`no snapshot from ${from.id} to ${to.id}: ${String(error)}`);
      return false;
    }
  }

  /** Gives a snapshot of another node to one that cannot go on without. */
  rescue(to: Host, from: Host): void {
    void this.#transfer(from, to);
  }
}
