import { isPaxakosError } from '../../src/index.ts';
import type { TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

/** Work that goes on until it is stopped. */
export interface Load {
  /** The ids of the entries that were committed and applied. */
  readonly acknowledged: readonly string[];
  readonly failed: readonly unknown[];
  stop(): Promise<void>;
}

/** Appends through these nodes, in turn, until it is told to stop; gives what was acknowledged. */
export function load(cluster: TestCluster, ids: readonly string[], perTurn = 4): Load {
  const acknowledged: string[] = [];
  const failed: unknown[] = [];
  let isOn = true;
  const work = async (id: string): Promise<void> => {
    while (isOn) {
      const entry = add();
      try {
        const commit = await cluster.node(id).append(entry);
        await commit.applied();
        acknowledged.push(entry.id);
      } catch (error) {
        failed.push(error);
        if (isPaxakosError(error, 'PAXAKOS_EXILED') || isPaxakosError(error, 'PAXAKOS_SHUT_DOWN')) return;
      }
      await new Promise<void>((resolve) => {
        pause.after(5, resolve);
      });
    }
  };
  const pause = cluster.clock.view();
  const working = Promise.all(ids.flatMap((id) => Array.from({ length: perTurn }, () => work(id))));
  return {
    acknowledged,
    failed,
    async stop(): Promise<void> {
      isOn = false;
      await cluster.clock.run(working);
    },
  };
}

/** The one log that these nodes have applied. Throws where there are several. */
export function agree(cluster: TestCluster, ...ids: readonly string[]): readonly string[] {
  const [first = [], ...others] = cluster.logs(...ids);
  for (const log of others)
    if (log.join() !== first.join()) throw new Error(`logs differ: ${first.join()} and ${log.join()}`);
  return first;
}
