import type { Host } from './host.ts';
import type { DiskEffect } from './simulated-disk.ts';
import type { World } from './world.ts';

const branchOf: Readonly<Record<DiskEffect, string | undefined>> = {
  diskFull: 'a call finds the disk full',
  diskHung: 'a call hangs',
  diskSlow: undefined,
  failSync: 'a sync fails',
  failWrite: 'a write fails',
  flip: 'a flipped bit is read',
  tornTail: 'a torn tail is cut off',
};

/** Counts what comes of faults of disks: a fault that no call runs into has not been met. */
export class DiskEffects {
  readonly #world: World;
  readonly #due = new Set<string>();

  constructor(world: World) {
    this.#world = world;
    for (const host of world.hosts) host.disk.faults.onEffect = (effect) => this.#met(host, effect);
  }

  /** The fault counts with the first call that runs into it. */
  await(host: Host, kind: DiskEffect): void {
    this.#due.add(`${host.id} ${kind}`);
  }

  /** The fault is over. */
  forget(host: Host, kind: DiskEffect): void {
    this.#due.delete(`${host.id} ${kind}`);
  }

  #met(host: Host, effect: DiskEffect): void {
    const branch = branchOf[effect];
    if (branch !== undefined) this.#world.count(branch);
    if (this.#due.delete(`${host.id} ${effect}`)) this.#world.count(`fault: ${effect}`);
  }
}
