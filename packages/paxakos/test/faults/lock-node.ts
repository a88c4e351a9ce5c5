// A process of the lock demonstration: a node, and workers that contend for one lease. It is told what to do, and says what they do,
// over the channel of its parent.
import { setTimeout as sleep } from 'node:timers/promises';
import { createNode } from '@paxakos/core';
import { delegation } from '@paxakos/delegation';
import { type LeaserApi, type LeaseTable, leaser } from '@paxakos/leaser';
import { releaser } from '@paxakos/releaser';
import { fsStorage } from '@paxakos/storage-fs';
import { trackLeadership } from '@paxakos/track-leadership';
import { connectTransport } from '../../src/bus/connect-transport.ts';
import type { LockOrder, LockReport } from './lock-process.ts';
import { type LockState, lockStates } from './lock-state.ts';

const [id = '', data = '', bus = '', workers = ''] = process.argv.slice(2);
let suspendsNext = false;

const report = (message: LockReport): void => {
  process.send?.(message);
};

/** Acts on the resource as the holder of a lease, as often as it holds it; `owner` tells one tenure from all others. */
async function work(node: { readonly leaser: LeaserApi }, worker: string): Promise<void> {
  for (let tenure = 1; ; tenure += 1) {
    try {
      await using lease = await node.leaser.takeLease('resource', { durationMs: 2_000 });
      const owner = `${worker} ${process.pid} ${tenure}`;
      for (let act = 0; act < 4; act += 1) {
        lease.check();
        if (suspendsNext) {
          // At the worst moment: it holds the lease, has made sure of that, and acts right after it goes on.
          suspendsNext = false;
          report({ type: 'suspending', owner });
          process.kill(process.pid, 'SIGSTOP');
        }
        report({ type: 'act', owner, worker, token: lease.token });
        await sleep(15);
      }
    } catch (error) {
      report({ type: 'lost', worker, code: String((error as { code?: unknown }).code) });
    }
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (order: LockOrder) => {
  suspendsNext = order === 'suspend';
});

const table = ({ leases }: LockState): LeaseTable => leases;
const node = await createNode({
  id,
  state: lockStates,
  transport: await connectTransport(bus),
  storage: fsStorage({ directory: data }),
})
  .with(trackLeadership())
  .with(delegation())
  .with(leaser({ table }))
  .with(releaser({ table, marginMs: 100, checkMs: 50, staggerMs: 200 }))
  .start();
for (const worker of workers.split(',')) void work(node, worker);
