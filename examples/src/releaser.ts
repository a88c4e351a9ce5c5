import { createNode, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { type FrozenLeases, type LeaseEntry, LeaseTable, leaser } from '@paxakos/leaser';
import { releaser } from '@paxakos/releaser';

class Locks implements State<LeaseEntry, FrozenLeases> {
  leases: LeaseTable;
  constructor(frozen?: FrozenLeases) {
    this.leases = new LeaseTable(frozen);
  }
  apply = (entry: LeaseEntry) => this.leases.apply(entry);
  cluster = () => [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  freeze = () => this.leases.freeze();
}

const network = memoryNetwork();
const table = (state: Locks) => state.leases;
const start = (id: string) =>
  createNode({
    id,
    state: { create: () => new Locks(), thaw: (frozen) => new Locks(frozen) },
    transport: network.transport(id),
  })
    .with(leaser({ table, durationMs: 500 }))
    .with(releaser({ table, marginMs: 100, checkMs: 20 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

// A node goes away with its lease. Its time passes, one of the others clears it, and who waits has it.
const former = await a.leaser.takeLease('report');
await a.stop();
const lease = await b.leaser.takeLease('report');
console.log(`b holds it, with a greater token: ${lease.token > former.token}`);
await lease.release();
console.log(`cleared ${b.releaser.cleared + c.releaser.cleared} time`);
await Promise.all([b.stop(), c.stop()]);
