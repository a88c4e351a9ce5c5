// How near the storage comes to a bare writev + fdatasync: node bench/append.mjs [directory]
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync, writev } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fsStorage } from '../dist/index.js';

const recordBytes = 120;
const part = Buffer.alloc(recordBytes, 7);
const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'paxakos-bench-'));

/** The cheapest durable write: buffers made beforehand, a file of zeros, no checksums. Gives records a second. */
async function raw(inFlight, rounds) {
  const path = join(root, 'raw');
  const descriptor = openSync(path, 'w+');
  const zeros = Buffer.alloc(1 << 20);
  const length = inFlight * recordBytes * rounds;
  for (let at = 0; at < length; at += zeros.length) writeSync(descriptor, zeros, 0, zeros.length, at);
  await new Promise((done) => fdatasync(descriptor, done));
  const buffers = Array.from({ length: inFlight }, () => part);
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((done, fail) =>
      writev(descriptor, buffers, round * inFlight * recordBytes, (error) => (error ? fail(error) : done())),
    );
    await new Promise((done) => fdatasync(descriptor, done));
  }
  const perSecond = (inFlight * rounds * 1_000) / (performance.now() - start);
  closeSync(descriptor);
  rmSync(path);
  return perSecond;
}

/** `inFlight` writers, each of which appends one record again as soon as the last one is durable. */
async function stored(inFlight, rounds) {
  const directory = join(root, 'log');
  const storage = fsStorage({ directory });
  await storage.open();
  let round = 1;
  const writer = async () => {
    for (let count = 0; count < rounds; count += 1) {
      await storage.append([{ parts: [part], rounds: { from: round, to: round } }]);
      round += 1;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, writer));
  const perSecond = (inFlight * rounds * 1_000) / (performance.now() - start);
  await storage.close();
  rmSync(directory, { recursive: true });
  return perSecond;
}

for (const [inFlight, rounds] of [
  [1, 5_000],
  [16, 4_000],
  [256, 2_000],
  [2_048, 400],
]) {
  const pairs = [];
  for (let run = 0; run < 5; run += 1) pairs.push([await raw(inFlight, rounds), await stored(inFlight, rounds)]);
  pairs.sort((a, b) => a[1] / a[0] - b[1] / b[0]);
  const [bare, log] = pairs[2];
  const figures = `raw ${Math.round(bare)}/s, storage ${Math.round(log)}/s, ratio ${(log / bare).toFixed(2)}`;
  console.log(`${inFlight} in flight, ${recordBytes} B: ${figures}`);
}
rmSync(root, { recursive: true });
