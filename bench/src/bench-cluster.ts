import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newKey } from '@paxakos/authenticated';
import { nameOf, startBus } from './bench-bus.ts';
import { BenchNode, type BenchNodeSetup, type Load, type LoadResult } from './bench-node.ts';
import type { BenchAnswer, BenchCommand } from './bench-process.ts';

const program = fileURLToPath(new URL('./bench-process.js', import.meta.url));
const ids = ['a', 'b', 'c'];
const warmUp: Load = { inFlight: 64, operations: 2_000 };

/** What to measure. */
export interface Subject {
  /** A name or an address. */
  readonly bus: string;
  readonly isAuthenticated: boolean;
  readonly isDurable: boolean;
}

type Runner = Pick<BenchNode, 'run' | 'stop'>;

/** Measures loads one after another, within the leader of three nodes; in one process over memory, else in three. */
export async function measure(
  { bus, isAuthenticated, isDurable }: Subject,
  loads: readonly Load[],
): Promise<LoadResult[]> {
  const root = await mkdtemp(join(tmpdir(), 'paxakos-bench-'));
  const nodes: Runner[] = [];
  try {
    await using server = await startBus(bus, root);
    const key = isAuthenticated ? newKey() : undefined;
    const setups = ids.map(
      (id): BenchNodeSetup => ({
        id,
        ids,
        bus: server.address,
        key,
        directory: isDurable ? join(root, id) : undefined,
      }),
    );
    try {
      const kind = nameOf(bus) === 'memory' ? BenchNode : NodeInProcess;
      // One by one, so that those which have started are stopped where another one cannot.
      for (const setup of setups) nodes.push(await kind.start(setup));
      const [leader] = nodes as [Runner];
      await leader.run(warmUp);
      const results: LoadResult[] = [];
      for (const load of loads) results.push(await leader.run(load));
      return results;
    } finally {
      await Promise.all(nodes.map((node) => node.stop()));
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

class NodeInProcess implements Runner {
  readonly #child: ChildProcess = fork(program);

  static async start(setup: BenchNodeSetup): Promise<NodeInProcess> {
    const node = new NodeInProcess();
    await node.#ask({ type: 'start', setup });
    return node;
  }

  async run(load: Load): Promise<LoadResult> {
    return (await this.#ask({ type: 'run', load })) as LoadResult;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    await this.#ask({ type: 'stop' });
    await exited;
  }

  async #ask(command: BenchCommand): Promise<LoadResult | undefined> {
    const ended = new AbortController();
    const exited = once(this.#child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`a node ended (${String(code)})`);
    });
    try {
      this.#child.send(command);
      const [answer] = (await Promise.race([once(this.#child, 'message'), exited])) as [BenchAnswer];
      if (answer.type === 'done') return answer.result;
      this.#child.kill('SIGKILL');
      throw new Error(answer.reason);
    } finally {
      exited.catch(() => {});
      ended.abort();
    }
  }
}
