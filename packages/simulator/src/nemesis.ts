import type { AnyLogEntry } from '@paxakos/core/contracts';
import { ejectedOnPurpose } from './checkers/invariants.ts';
import { describeFault, type Fault } from './fault.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** What the application appends to change the cluster. */
export interface Changes {
  admit(id: string, node: string): AnyLogEntry;
  dismiss(id: string, node: string): AnyLogEntry;
  window(id: string, concurrency: number): AnyLogEntry;
}

/** Does to a world what is planned. */
export class Nemesis {
  readonly #world: World;
  readonly #changes: Partial<Changes>;
  /** Whether the world is being healed: nothing new is done, and nothing planned is taken back any more. */
  #isOver = false;

  constructor(world: World, changes: Partial<Changes>) {
    this.#world = world;
    this.#changes = changes;
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
    if (isDone) this.#world.count(`fault: ${fault.kind}`);
  }

  #later(delayMs: number, run: () => void): true {
    this.#world.scheduler.after(delayMs, () => {
      if (!this.#isOver) run();
    });
    return true;
  }

  #do(fault: Fault): boolean {
    const { network } = this.#world;
    switch (fault.kind) {
      case 'weather': {
        const { weather } = network;
        network.weather = fault.weather;
        return this.#later(fault.forMs, () => {
          network.weather = weather;
        });
      }
      case 'cut':
        for (const [from, to] of fault.ways) network.cut(from, to);
        return this.#later(fault.forMs, () => {
          for (const [from, to] of fault.ways) network.mend(from, to);
        });
      case 'replay':
        network.replay(fault.count);
        return true;
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
    const { life } = host;
    switch (fault.kind) {
      case 'crash':
        return this.#crash(host, fault);
      case 'forget':
        if (!this.#world.mayLose(host)) return false;
        host.forget();
        return this.#later(fault.downMs, () => host.start());
      case 'stop':
        if (host.node === undefined || (host.isVolatile && !this.#world.mayLose(host))) return false;
        host.stop(fault.downMs);
        return true;
      case 'pause':
        life?.pause();
        return life !== undefined && this.#later(fault.forMs, () => life.resume());
      case 'eject':
        return this.#eject(host);
      case 'clockRate':
        host.rate = fault.rate;
        life?.setRate(fault.rate);
        return life !== undefined;
      case 'clockJump':
        life?.jump(fault.aheadMs);
        return life !== undefined;
      case 'dissent':
        host.dissent = fault.share;
        return this.#later(fault.forMs, () => {
          host.dissent = 0;
        });
      default:
        return !host.isVolatile && host.hasStarted && this.#doToDisk(host, fault);
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
    if (host.node === undefined || !others.some((other) => other !== host)) return false;
    void host.node.eject(ejectedOnPurpose);
    return true;
  }

  #doToDisk(host: Host, fault: Fault): boolean {
    const { disk } = host;
    switch (fault.kind) {
      case 'diskFull':
        disk.faults.isFull = true;
        return this.#later(fault.forMs, () => {
          disk.faults.isFull = false;
        });
      case 'diskHung':
        disk.faults.isHung = true;
        return this.#later(fault.forMs, () => disk.unhang());
      case 'diskSlow':
        disk.faults.slowness = fault.slowness;
        return this.#later(fault.forMs, () => {
          disk.faults.slowness = 1;
        });
      case 'failSync':
      case 'failWrite':
        disk.faults.fails = fault.kind === 'failSync' ? 'sync' : 'write';
        return true;
      case 'flip':
        if (!this.#world.mayLose(host) || !disk.flip()) return false;
        host.isDoomed = true;
        return true;
      default:
        return false;
    }
  }

  #crash(host: Host, fault: Extract<Fault, { readonly kind: 'crash' }>): boolean {
    const crash = (): void => {
      host.disk.faults.onChange = () => {};
      if (host.standing === 'down' || (host.isVolatile && !this.#world.mayLose(host))) return;
      this.#world.note(`${host.id} crashes`);
      host.crash(fault.isPowerCut);
      this.#later(fault.downMs, () => host.start());
    };
    if (host.standing === 'down' || (host.isVolatile && !this.#world.mayLose(host))) return false;
    let left = fault.afterChanges;
    if (left === 0 || host.isVolatile) {
      crash();
      return true;
    }
    host.disk.faults.onChange = () => {
      left -= 1;
      if (left !== 0) return;
      this.#world.count('a crash within a change to the disk');
      crash();
    };
    return true;
  }

  #blackout(downMs: number): boolean {
    for (const host of this.#world.hosts) {
      if (host.standing === 'down' || (host.isVolatile && !this.#world.mayLose(host))) continue;
      host.crash(true);
      this.#later(downMs, () => host.start());
    }
    return true;
  }

  #append(entryOf: (id: string) => AnyLogEntry | undefined): boolean {
    const entry = entryOf(this.#world.nextId());
    if (entry !== undefined) this.#world.clients.appendAnywhere(entry);
    return entry !== undefined;
  }

  #admit(node: string): boolean {
    const host = this.#world.host(node);
    // A newcomer may be there before it is admitted, or long after.
    if (!host.hasStarted) this.#later(host.id < 'e' ? 0 : 800, () => host.start());
    return this.#append((id) => this.#changes.admit?.(id, node));
  }

  #snapshot(from: Host, to: Host): boolean {
    const { node: source } = from;
    const { node: target } = to;
    if (source === undefined || target === undefined) return false;
    void this.#transfer(from, to);
    return true;
  }

  async #transfer(from: Host, to: Host): Promise<void> {
    try {
      const snapshot = await from.node?.takeSnapshot();
      if (snapshot !== undefined && from !== to) await to.node?.installSnapshot(snapshot);
    } catch (error) {
      this.#world.note(`no snapshot from ${from.id} to ${to.id}: ${String(error)}`);
    }
  }

  /** Gives a snapshot of another node to one that cannot go on without. */
  rescue(to: Host, from: Host): void {
    void this.#transfer(from, to);
  }
}
