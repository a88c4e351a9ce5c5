import type { SimulatedRead, WorkloadRandom } from './application.ts';
import type { Changes } from './nemesis.ts';
import type { TestbedEntry, TestbedState } from './testbed-state.ts';

/** Entries of the testbed that change the cluster. */
export const testbedChanges: Changes = {
  admit: (id, node): TestbedEntry => ({ id, type: 'admit', node }),
  dismiss: (id, node): TestbedEntry => ({ id, type: 'dismiss', node }),
  window: (id, concurrency): TestbedEntry => ({ id, type: 'window', concurrency }),
};

/** A random read of the testbed, as if it were an entry. */
export function testbedRead(id: string, random: WorkloadRandom): SimulatedRead<TestbedState> {
  const key = random.pick(['x', 'y', 'z']);
  const entry: TestbedEntry = { id, type: 'read', key };
  return { entry, read: (state) => state.register(key) };
}

/** A random entry of the testbed. */
export function testbedEntry(id: string, random: WorkloadRandom): TestbedEntry {
  const key = random.pick(['x', 'y', 'z']);
  const element = random.below(8);
  switch (random.below(8)) {
    case 0:
      return { id, type: 'read', key };
    case 1:
      return { id, type: 'compareAndSet', key, from: random.below(4), to: random.below(4) };
    case 2:
      return { id, type: 'add', amount: 1 + random.below(5) };
    case 3:
      return { id, type: 'include', element };
    case 4:
      return { id, type: 'exclude', element };
    case 5:
      return { id, type: 'has', element };
    case 6:
      // Now and then one that is longer than a frame.
      return { id, type: 'write', key, value: random.below(4), filling: 'x'.repeat(random.below(1_200)) };
    default:
      return { id, type: 'write', key, value: random.below(4) };
  }
}
