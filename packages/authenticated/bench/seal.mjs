// What sealing and opening a frame costs, against copying it twice: node bench/seal.mjs
import { performance } from 'node:perf_hooks';
import { authenticated, newKey } from '../dist/index.js';

/** Two ends of a bus that hands each frame over at once. */
function pair() {
  const ends = new Map();
  return ['a', 'b'].map((id) => ({
    frameBytesMax: 1 << 24,
    open: async (_self, deliver) => {
      ends.set(id, deliver);
    },
    send: (receivers, frame) => {
      for (const receiver of receivers) ends.get(receiver.id)?.(frame);
    },
    close: async () => {},
  }));
}

const key = newKey();
const [a, b] = pair().map((inner) => authenticated(inner, { key }));
let got = 0;
await a.open({ id: 'a' }, () => {}, 'bench');
await b.open({ id: 'b' }, (frame) => (got += frame.byteLength), 'bench');
const to = [{ id: 'b' }];

/** The best of five runs, in microseconds a frame. */
function best(frames, run) {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let count = 0; count < frames; count += 1) run();
    return ((performance.now() - start) * 1_000) / frames;
  });
  return Math.min(...times).toFixed(1);
}

for (const [size, frames] of [
  [100, 20_000],
  [1_024, 20_000],
  [65_536, 2_000],
  [1_048_576, 200],
]) {
  const frame = new Uint8Array(size).fill(7);
  const sealed = best(frames, () => a.send(to, frame));
  const copied = best(frames, () => (got += Uint8Array.from(Uint8Array.from(frame)).byteLength));
  console.log(`${size} bytes: ${sealed} us sealed and opened, ${copied} us copied twice`);
}
if (got === 0 || Object.values(b.rejected).some((count) => count > 0)) throw new Error('frames were lost');
await Promise.all([a.close(), b.close()]);
