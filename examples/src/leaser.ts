import { createNode, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { type FrozenLeases, type LeaseEntry, LeaseTable, leaser } from '@paxakos/leaser';

// A state of nothing but leases. Beside other entries: applyWith<Op | LeaseEntry>({ …, ...this.leases.handlers })
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
const start = (id: string) =>
  createNode({
    id,
    state: { create: () => new Locks(), thaw: (frozen) => new Locks(frozen) },
    transport: network.transport(id),
  })
    .with(leaser({ table: (state: Locks) => state.leases, durationMs: 5_000 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

// What the lease protects takes the token along, and refuses a lesser one than it has seen.
let greatest = 0;
const write = (token: number, text: string) => {
  if (token < greatest) throw new Error(`token ${token} is of a former holder`);
  greatest = token;
  console.log(text);
};

{
  await using lease = await a.leaser.takeLease('report');
  lease.check(); // throws once it is not held any more; lease.signal is aborted then
  write(lease.token, 'a writes');
} // released here

await using lease = await b.leaser.takeLease('report', { waitMs: 2_000 });
write(lease.token, `b writes, and holds it: ${lease.isHeld}`);
const refused = await c.leaser.takeLease('report', { waitMs: 0 }).catch((error) => error.code);
console.log(`c: ${refused}`);
await lease.release();
await Promise.all([a.stop(), b.stop(), c.stop()]);
