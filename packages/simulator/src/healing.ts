import { indefinitely } from '@paxakos/core';
import type { Host } from './host.ts';
import type { Nemesis } from './nemesis.ts';
import type { World } from './world.ts';

/**
 * Within how many milliseconds of the world a cluster without faults must be level again. Half of 1,000 seeds take 1.5 s at most, and
 * the worst 20 s: appends that wait for rounds to come go from attempt to attempt.
 */
const levelWithinMs = 60_000;
/** Within how many an application must lack nothing either, whose leases and timers the simulator does not know. */
const completeWithinMs = 120_000;
/** The finest that can be told of how long it takes. */
const checkEveryMs = 500;

/**
 * The second phase of a run: every fault ends, and within a bound there must be a leader, every append must have come to an end,
 * and all members must be level and able to append.
 */
export class Healing {
  readonly #world: World;
  readonly #nemesis: Nemesis;
  /** Members that have appended something since. */
  readonly #done = new Set<string>();
  readonly #trying = new Set<string>();
  /** Whether the cluster has been level: what an application goes on with may take it a little behind again. */
  #wasLevel = false;

  constructor(world: World, nemesis: Nemesis) {
    this.#world = world;
    this.#nemesis = nemesis;
  }

  /** Gives after how many milliseconds of the world the cluster was level, or `undefined` where it can never be. */
  async run(): Promise<number | undefined> {
    const world = this.#world;
    const from = world.scheduler.now;
    this.#mend();
    world.isHealed = true;
    world.observe({ type: 'healed' });
    while (world.violation === undefined) {
      await world.scheduler.runUntil(world.scheduler.now + checkEveryMs);
      if (world.violation !== undefined) return undefined;
      const lacking = this.#lacking();
      if (lacking === undefined) return world.scheduler.now - from;
      const boundMs = this.#wasLevel ? completeWithinMs : levelWithinMs;
      if (world.scheduler.now - from > boundMs) {
        if (!world.isHealable) return undefined;
        world.complain('liveness', `${boundMs} ms after the last fault: ${lacking}`);
        return undefined;
      }
      this.#help();
    }
    return undefined;
  }

  #mend(): void {
    const { clients, hosts, network } = this.#world;
    this.#nemesis.stop();
    clients.stop();
    network.mendAll();
    network.weather = { latencyMs: 1, jitterMs: 1, loss: 0, duplication: 0 };
    for (const host of hosts) {
      const { faults } = host.disk;
      faults.isFull = false;
      faults.slowness = 1;
      faults.fails = undefined;
      faults.onChange = () => {};
      host.disk.unhang();
      host.dissent = 0;
      host.rate = 1;
      host.life?.setRate(1);
      host.life?.resume();
    }
  }

  get #members(): readonly Host[] {
    const { hosts, knowledge, plan } = this.#world;
    const ids = knowledge.model?.members ?? plan.founders;
    return hosts.filter(({ id }) => ids.includes(id));
  }

  /** What an operator does: starts what is down, gives snapshots to those that are stranded, and appends. */
  #help(): void {
    const { clients, hosts } = this.#world;
    const members = this.#members;
    // Where nobody has a state any more, a log may still hold one.
    if (this.#best === undefined || this.#best.isStranded)
      for (const host of hosts) if (!host.isVolatile && host.node?.status === 'disoriented') host.crash(false);
    for (const host of hosts) if (host.standing === 'down' && (host.hasStarted || members.includes(host))) host.start();
    for (const host of hosts) this.#rescue(host);
    if (this.#world.checked.leadsAlone && !this.#hasLeader) return;
    // A log that stands still makes nobody lead, and brings nothing to those who wait for it.
    const isStill = !this.#hasLeader || clients.waitForLog(members);
    for (const host of members) {
      if (this.#hasGap || isStill) this.#done.delete(host.id);
      this.#appendAt(host);
    }
  }

  /** Former members, too: without a snapshot one that was left behind never learns that it is none any more. */
  #rescue(host: Host): void {
    const isLost = host.isStranded || host.node?.status === 'disoriented';
    const best = this.#best;
    if (!this.#world.checked.rescues || !isLost || best === undefined || best === host) return;
    this.#world.count('a snapshot is asked for in need');
    this.#nemesis.rescue(host, best);
  }

  /** An append for a round of its own leaves a gap below, which only further appends close. */
  get #hasGap(): boolean {
    const { committed, model } = this.#world.knowledge;
    return model !== undefined && committed.size > model.applied;
  }

  get #hasLeader(): boolean {
    return this.#world.hosts.some(({ node }) => node?.status === 'leading');
  }

  /** The state to repair others with; of one that is stranded only where there is no other: nobody may be able to lead on from it. */
  get #best(): Host | undefined {
    let best: Host | undefined;
    for (const host of this.#world.hosts) {
      if (host.node === undefined || host.node.status === 'disoriented') continue;
      if (best === undefined || rankOf(host) > rankOf(best)) best = host;
    }
    return best;
  }

  #appendAt(host: Host): void {
    const { id } = host;
    if (host.node === undefined || this.#done.has(id) || this.#trying.has(id)) return;
    this.#trying.add(id);
    const retry = indefinitely();
    void this.#world.clients.append(host, this.#world.nextEntry(), { retry }).then((isCommitted) => {
      this.#trying.delete(id);
      if (isCommitted) this.#done.add(id);
    });
  }

  /** What is not yet as it must be; nothing, where all is well. */
  #lacking(): string | undefined {
    const { clients, knowledge } = this.#world;
    const members = this.#members;
    if (knowledge.model === undefined) return 'the cluster has not been founded';
    const down = members.find(({ node, standing }) => node === undefined || standing !== 'up');
    if (down !== undefined) return `${down.id} is ${down.standing}`;
    if (!this.#hasLeader) return 'nobody leads';
    const passive = members.find(({ node }) => node?.participation.type !== 'active');
    if (passive !== undefined) return `${passive.id} is ${passive.node?.participation.type}`;
    const idle = members.find(({ id }) => !this.#done.has(id));
    if (idle !== undefined) return `${idle.id} has not appended anything`;
    if (clients.pending > 0) return `${clients.pending} appends have not come to an end`;
    const round = knowledge.model.applied;
    const behind = members.find(({ node }) => node?.round !== round);
    if (behind !== undefined) return `${behind.id} is at round ${behind.node?.round}, and the log at ${round}`;
    this.#wasLevel = true;
    return this.#world.checked.application.lacking?.();
  }
}

function rankOf({ isStranded, node }: Host): number {
  return (node?.round ?? 0) + (isStranded ? 0 : Number.MAX_SAFE_INTEGER / 2);
}
