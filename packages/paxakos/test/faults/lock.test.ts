// Goal: a lease is a lock that holds (H26): however holders are suspended past its end, and killed, a resource that checks fencing
// tokens never sees two owners act. Method: eight workers in three processes over ZeroMQ contend for one lease; each process is
// suspended between the check of its lease and the act that it made sure of, and is resumed once another worker has acted; holders are
// killed with SIGKILL. The same acts on a resource that checks no tokens show that owners do overlap.
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { dataFolder } from '../demo-run.ts';
import { livenessMs } from '../liveness.ts';
import { LockProcess, type LockReport } from './lock-process.ts';
import { LockResource } from './lock-resource.ts';
import { lockNodeIds } from './lock-state.ts';

const workers: readonly (readonly string[])[] = [
  ['w1', 'w2', 'w3'],
  ['w4', 'w5', 'w6'],
  ['w7', 'w8'],
];

/** Three processes, both resources, and all that was reported. */
class LockScene {
  readonly fenced: LockResource = new LockResource(true);
  readonly open: LockResource = new LockResource(false);
  readonly processes: readonly LockProcess[];
  readonly acts: { readonly owner: string; readonly worker: string; readonly from: LockProcess }[] = [];
  readonly ownerOf: Map<number, string> = new Map();
  readonly problems: string[] = [];
  readonly suspended: { readonly owner: string; readonly from: LockProcess }[] = [];
  losses = 0;

  constructor(t: ExecutionContext) {
    const data = dataFolder(t);
    const bus = `zmq+ipc://${dataFolder(t)}`;
    const listener = (report: LockReport, from: LockProcess): void => this.#on(report, from);
    this.processes = lockNodeIds.map(
      (id, at) => new LockProcess(t, { id, data, bus, workers: workers[at] ?? [] }, listener),
    );
  }

  #on(report: LockReport, from: LockProcess): void {
    if (report.type === 'suspending') this.suspended.push({ owner: report.owner, from });
    if (report.type === 'lost') this.losses += 1;
    if (report.type !== 'act') return;
    const { owner, worker, token } = report;
    const known = this.ownerOf.get(token) ?? owner;
    if (known !== owner) this.problems.push(`token ${token} is that of ${known} and of ${owner}`);
    this.ownerOf.set(token, owner);
    this.open.use(owner, token);
    if (this.fenced.use(owner, token)) this.acts.push({ owner, worker, from });
  }

  /** Waits until it is so, for as long as somebody acts now and then. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    let [seen, limit] = [this.acts.length, performance.now() + livenessMs];
    while (!isSo()) {
      if (this.acts.length > seen) [seen, limit] = [this.acts.length, performance.now() + livenessMs];
      if (performance.now() > limit) {
        const deaths = this.processes.flatMap((each) => each.deaths).join('; ');
        throw new Error(`${what}: no act for ${livenessMs} ms; ${seen} acts; ${deaths}`);
      }
      await sleep(5);
    }
  }

  /** Waits until another process than this one has acted from now on. */
  async othersAct(what: string, than: LockProcess): Promise<void> {
    const from = this.acts.length;
    await this.until(what, () => this.acts.slice(from).some((act) => act.from !== than));
  }
}

test('H26: eight workers in three processes contend for a lease, suspended and killed: a resource that checks tokens sees one owner at a time', async (t) => {
  const scene = new LockScene(t);
  for (const each of scene.processes) each.start();
  await scene.until('every process acts', () => new Set(scene.acts.map(({ from }) => from)).size === 3);
  for (const [at, each] of scene.processes.entries()) {
    each.tell('suspend');
    await scene.until(`${each.id} is suspended`, () => scene.suspended.length === at + 1);
    await scene.othersAct(`${each.id} is suspended past the end of its lease`, each);
    const { refusals } = scene.fenced;
    each.resume();
    await scene.until(`${each.id} goes on, and acts with an old token`, () => scene.fenced.refusals > refusals);
  }
  for (let kills = 0; kills < 2; kills += 1) {
    const from = scene.acts.length;
    await scene.until('somebody acts', () => scene.acts.length > from);
    const victim = scene.acts.at(-1)?.from as LockProcess;
    await victim.kill();
    await scene.othersAct(`${victim.id} is killed while it holds the lease`, victim);
    victim.start();
  }
  const from = scene.acts.length;
  const acting = (): Set<string> => new Set(scene.acts.slice(from).map(({ worker }) => worker));
  await scene.until('every worker has its turn again', () => acting().size === 8);
  t.deepEqual(scene.problems, []);
  t.deepEqual(
    scene.processes.flatMap(({ deaths }) => deaths),
    [],
  );
  t.is(scene.fenced.overlaps, 0);
  t.true(scene.fenced.refusals >= 3);
  // Without the check it would have gone wrong.
  t.true(scene.open.overlaps >= 3, `${scene.open.overlaps} overlaps`);
  t.log(
    `${scene.fenced.uses} acts by ${scene.ownerOf.size} owners; ${scene.fenced.refusals} refused; ` +
      `${scene.open.overlaps} overlaps without the check; ${scene.losses} losses noticed`,
  );
});
