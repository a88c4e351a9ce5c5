// Goal: without a wall clock, no read is stale while every clock is within its drift, whatever happens beside.
// Method: random cuts, pauses, kills and restarts of three to five nodes whose clocks go at rates from one edge of the drift to the
// other; nodes that lead read all the time, also the moment they wake up. A read must see every round that any node, dead ones
// included, knew as committed when it began.
import { backoff } from '@paxakos/core';
import { seeded } from '@paxakos/testing';
import test from 'ava';
import { TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const driftMax = 0.03;
const tuning = { retransmitMs: 15, retransmitMsMax: 40, backoffMs: 2, backoffMsMax: 20, attemptMs: 150 };

interface Seen {
  served: number;
  stale: number;
  leaders: Set<string>;
}

class Storm {
  readonly #cluster: TestCluster;
  readonly #random: () => number;
  readonly #seen: Seen;
  readonly #paused = new Set<string>();
  #committed = 0;

  constructor(cluster: TestCluster, random: () => number, seen: Seen) {
    this.#cluster = cluster;
    this.#random = random;
    this.#seen = seen;
  }

  #pick(): string {
    const { ids } = this.#cluster;
    return ids[Math.floor(this.#random() * ids.length)] as string;
  }

  #readEverywhere(): void {
    const cluster = this.#cluster;
    for (const id of cluster.ids)
      if (cluster.has(id)) this.#committed = Math.max(this.#committed, cluster.node(id).committed);
    const floor = this.#committed;
    for (const id of cluster.ids) {
      if (!cluster.has(id) || this.#paused.has(id) || cluster.node(id).status !== 'leading') continue;
      for (const consistency of ['lease', 'laxLease'] as const)
        void cluster
          .node(id)
          .read((_, round) => round, { consistency })
          .then(
            (round) => {
              this.#seen.served += 1;
              this.#seen.leaders.add(id);
              if (round < floor) this.#seen.stale += 1;
            },
            () => {},
          );
    }
  }

  async #fault(): Promise<void> {
    const cluster = this.#cluster;
    const dice = this.#random();
    const id = this.#pick();
    if (dice < 0.35) cluster.network.partition([id]);
    else if (dice < 0.45) cluster.network.partition([id, this.#pick()]);
    else if (dice < 0.65) cluster.network.heal();
    else if (dice < 0.85 && cluster.has(id) && !this.#paused.delete(id)) {
      this.#paused.add(id);
      cluster.pause(id);
    } else if (dice >= 0.85 && cluster.has(id)) {
      this.#paused.delete(id);
      cluster.network.resume(id);
      cluster.kill(id);
      await cluster.start(id);
    }
    for (const other of this.#paused) {
      if (this.#random() < 0.5) continue;
      this.#paused.delete(other);
      cluster.resume(other);
      this.#readEverywhere();
    }
  }

  async rage(forMs: number): Promise<void> {
    const { clock } = this.#cluster;
    const until = clock.now + forMs;
    let faultAt = clock.now;
    while (clock.now < until) {
      if (clock.now >= faultAt) {
        await this.#fault();
        faultAt = clock.now + this.#random() * 400;
      }
      const id = this.#pick();
      if (this.#random() < 0.1 && this.#cluster.has(id) && !this.#paused.has(id))
        void this.#cluster
          .node(id)
          .append(add(), { retry: backoff({ elapsedMsMax: 500 }) })
          .catch(() => {});
      this.#readEverywhere();
      await clock.pass(5);
    }
    for (const id of this.#paused) this.#cluster.resume(id);
    this.#cluster.network.heal();
  }
}

test('no read is stale while every clock is within its drift', async (t) => {
  const seen: Seen = { served: 0, stale: 0, leaders: new Set() };
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = seeded(seed);
    const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, seed % 2 === 0 ? 5 : 3);
    const rates = Object.fromEntries(
      ids.map((id) => [id, [1 - driftMax, 1, 1 + driftMax][Math.floor(random() * 3)] as number]),
    );
    const cluster = new TestCluster({ ids, seed, rates, tuning, leases: { leaseMs: 300, driftMax } });
    await cluster.startAll();
    await new Storm(cluster, random, seen).rage(6_000);
    await cluster.stopAll();
    t.is(seen.stale, 0, `seed ${seed}`);
  }
  t.true(seen.served > 5_000 && seen.leaders.size === 5, `${seen.served} reads of ${[...seen.leaders].join(' ')}`);
});
