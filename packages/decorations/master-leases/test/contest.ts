import type { TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

/** What came of a contest. */
export interface Contest {
  /** Reads that were given, and of those, such as lacked what had been acknowledged before they began. */
  served: number;
  stale: number;
  refused: number;
  /** When, since the beginning, the rivals' first append was acknowledged. */
  ackedAfterMs: number | undefined;
}

/** Tuning with which rivals try so often that they lead as soon as they can. */
export const eager = { retransmitMs: 3, retransmitMsMax: 3, backoffMs: 1, backoffMsMax: 4, attemptMs: 60 };

/** One node goes on reading by its lease, every other millisecond, while others try to append. */
export async function contest(
  cluster: TestCluster,
  reader: string,
  rivals: readonly string[],
  forMs: number,
  consistency: 'lease' | 'laxLease' = 'lease',
): Promise<Contest> {
  const result: Contest = { served: 0, stale: 0, refused: 0, ackedAfterMs: undefined };
  const began = cluster.clock.now;
  let acked = cluster.acked;
  const aborter = new AbortController();
  const tries = rivals.map(async (id) => {
    await cluster.node(id).append(add(), { retry: () => 1, signal: aborter.signal });
    acked += 1;
    result.ackedAfterMs ??= cluster.clock.now - began;
  });
  while (cluster.clock.now < began + forMs) {
    await cluster.clock.pass(2);
    const before = acked;
    await cluster.read(reader, consistency).then(
      (count) => {
        result.served += 1;
        if (count < before) result.stale += 1;
      },
      () => {
        result.refused += 1;
      },
    );
  }
  aborter.abort();
  await cluster.clock.run(Promise.allSettled(tries));
  cluster.acked = acked;
  return result;
}
