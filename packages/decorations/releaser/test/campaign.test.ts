// Goal: no two hold a lease at once by their own clocks, while these are within their drift; whatever they do, tokens tell who came
// later; and leases go on being had. Method: the simulator with its faults, three workers a node, and a watch over all of them.
import { type Lease, type LeaserApi, leaser } from '@paxakos/leaser';
import { campaign, type DriveContext } from '@paxakos/simulator';
import test from 'ava';
import { type ReleaserApi, releaser } from '../src/index.ts';
import { type Site, type SiteEntry, sites } from './site.ts';

const driftMax = 0.25;
const durationMs = 600;

interface Holding {
  readonly lease: Lease;
  readonly by: DriveContext;
}

/** What nobody in the cluster can know: all holders at one moment. */
class Overseer {
  #holdings: Holding[] = [];
  #tokens = new Set<number>();
  #released = 0;
  /** Whether some clock has gone faster or slower than it may. */
  #isOff = false;
  taken = 0;
  lost = 0;
  cleared = 0;

  /** Another run begins. */
  reset(): void {
    this.#holdings = [];
    this.#tokens = new Set();
    this.#released = 0;
    this.#isOff = false;
  }

  /** Follows the rate of a clock. One that jumps, and then goes on as before, is not off. */
  follow({ clock, worldMs, signal }: DriveContext): void {
    let strikes = 0;
    let own = clock.now();
    let world = worldMs();
    const look = (): void => {
      if (signal.aborted) return;
      const rate = (clock.now() - own) / (worldMs() - world);
      strikes = rate > 1 + driftMax + 1e-6 || rate < 1 - driftMax - 1e-6 ? strikes + 1 : 0;
      this.#isOff ||= strikes > 1;
      own = clock.now();
      world = worldMs();
      clock.after(20, look);
    };
    clock.after(20, look);
  }

  onTaken(lease: Lease, by: DriveContext): void {
    this.taken += 1;
    if (this.#tokens.has(lease.token)) by.complain(`token ${lease.token} twice`);
    if (lease.token <= this.#released) by.complain(`token ${lease.token} after ${this.#released} had been given up`);
    this.#tokens.add(lease.token);
    this.#holdings = this.#holdings.filter(({ lease: held, by: { clock, signal } }) => {
      // Asked without telling it, since its process may be suspended.
      return !signal.aborted && !held.signal.aborted && clock.now() < held.expiresAt;
    });
    const [other] = this.#holdings;
    this.#holdings.push({ lease, by });
    if (other === undefined) return;
    const problem = `${other.by.id} (token ${other.lease.token}) and ${by.id} (token ${lease.token}) both hold it`;
    // Whether a clock was off may show a little later only.
    by.clock.after(200, () => {
      if (!this.#isOff) by.complain(problem);
    });
  }

  onReleased({ token }: Lease): void {
    this.#released = Math.max(this.#released, token);
  }
}

async function work(node: { leaser: LeaserApi }, context: DriveContext, overseer: Overseer): Promise<void> {
  const { clock, random, signal } = context;
  const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  while (!signal.aborted) {
    try {
      const lease = await node.leaser.takeLease('x', { durationMs, waitMs: 4_000 });
      overseer.onTaken(lease, context);
      lease.signal.addEventListener('abort', () => {
        overseer.lost += 1;
      });
      await pass(random.between(0, 1_000));
      await lease.release();
      overseer.onReleased(lease);
    } catch {
      await pass(50);
    }
  }
}

test('H24 H26: no two hold a lease at once within the drift of clocks, and tokens tell who came later, under faults', async (t) => {
  t.timeout(600_000);
  const overseer = new Overseer();
  const table = ({ leases }: Site): Site['leases'] => leases;
  const { failures } = await campaign<Site, { leaser: LeaserApi; releaser: ReleaserApi }>({
    seeds: Number(process.env.SEEDS ?? 10),
    from: Number(process.env.FROM ?? 1),
    state: (founders, window) =>
      sites(
        founders.map(({ id }) => id),
        window,
      ),
    workload: (id): SiteEntry => ({ id, type: 'note', text: id }),
    decorate: (builder) =>
      builder
        .with(leaser({ table, driftMax }))
        .with(releaser({ table, driftMax, marginMs: 0, checkMs: 20, staggerMs: 100 })),
    drive(node, context) {
      overseer.follow(context);
      for (let worker = 0; worker < 2; worker += 1) void work(node, context, overseer);
      const count = (): void => {
        overseer.cleared += node.releaser.cleared;
      };
      context.signal.addEventListener('abort', count, { once: true });
    },
    onResult() {
      overseer.reset();
      return true;
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => [seed, violation]),
    [],
  );
  t.log(`${overseer.taken} taken, ${overseer.cleared} cleared by nodes that ended`);
  t.true(overseer.taken > 80, `${overseer.taken} taken`);
  t.true(overseer.cleared > 10, `${overseer.cleared} cleared`);
});
