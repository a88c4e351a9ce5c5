// Goal: the greeting copes with a bus that loses, repeats and reorders. Method: the network in memory, with seeded faults.

import type { Clock } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { authenticated, newKey } from '../src/index.ts';

function randomOf(seed: number): () => number {
  let word = seed;
  return () => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return word / 2 ** 32;
  };
}

const clock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

for (const seed of [1, 2, 3, 4, 5]) {
  test(`of frames over a bus that loses, repeats and reorders, each arrives once at most, and new ones still do (seed ${seed})`, async (t) => {
    const network = memoryNetwork({ clock, random: randomOf(seed), scribbles: true });
    network.setAll({ loss: 0.3, duplication: 0.3, delayMs: 1, jitterMs: 20 });
    const key = newKey();
    const held = { a: [] as number[], b: [] as number[] };
    const open = async (id: 'a' | 'b') => {
      const transport = authenticated(network.transport(id), { key });
      await transport.open({ id }, (frame) => held[id].push(Buffer.from(frame).readUInt32BE()), 'main');
      return transport;
    };
    const [a, b] = [await open('a'), await open('b')];
    let number = 0;
    const end = performance.now() + 60_000;
    while ((held.a.length < 20 || held.b.length < 20) && performance.now() < end) {
      number += 1;
      const frame = Buffer.alloc(4);
      frame.writeUInt32BE(number);
      a.send([{ id: 'b' }], frame);
      b.send([{ id: 'a' }], frame);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    t.true(held.a.length >= 20 && held.b.length >= 20);
    for (const numbers of [held.a, held.b]) t.is(new Set(numbers).size, numbers.length);
    t.is(a.rejected.forged + b.rejected.forged + a.rejected.foreign + b.rejected.foreign, 0);
    await Promise.all([a.close(), b.close()]);
  });
}
