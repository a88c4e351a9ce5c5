// Reads a second at the leader, by lease against linearizable ones, of three nodes in memory: node bench/reads.mjs
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyWith, createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { masterLeases } from '../dist/index.js';

const members = ['a', 'b', 'c'].map((id) => ({ id }));
const sum = (value) => {
  const state = { value, cluster: () => members, freeze: () => state.value };
  state.apply = applyWith({
    add: (entry) => {
      state.value += entry.value;
      return state.value;
    },
  });
  return state;
};
const network = memoryNetwork();
const start = ({ id }) =>
  createNode({ id, state: { create: () => sum(0), thaw: sum }, transport: network.transport(id) })
    .with(masterLeases({ leaseMs: 5_000 }))
    .start();
const nodes = await Promise.all(members.map(start));
const [a] = nodes;
await a.append({ id: '1', type: 'add', value: 1 });

async function renew() {
  do {
    await sleep(350);
    await a.masterLeases.renew();
    await sleep(5);
  } while (a.masterLeases.strictForMs < 4_000);
}

/** The best of five runs, in reads a second, with so many at once. */
async function best(consistency, reads, atOnce) {
  const rates = [];
  for (let run = 0; run < 5; run += 1) {
    await renew();
    const began = performance.now();
    for (let done = 0; done < reads; done += atOnce)
      await Promise.all(Array.from({ length: atOnce }, () => a.read((state) => state.value, { consistency })));
    rates.push((reads * 1_000) / (performance.now() - began));
  }
  return Math.round(Math.max(...rates));
}

for (const atOnce of [1, 64]) {
  for (const [consistency, reads] of [
    ['stale', 64_000],
    ['lease', 64_000],
    ['laxLease', 64_000],
    ['linearizable', 6_400],
  ]) {
    const rate = await best(consistency, reads, atOnce);
    console.log(
      `${String(atOnce).padStart(2)} at once  ${consistency.padEnd(12)}  ${rate.toLocaleString('en')} reads/s`,
    );
  }
}
await Promise.all(nodes.map((node) => node.stop()));
