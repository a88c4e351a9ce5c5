import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BusName, startBus } from './bench-bus.ts';
import { memoryLink, type RawSender, rawSender } from './raw-link.ts';
import type { RawSetup } from './raw-process.ts';

const program = fileURLToPath(new URL('./raw-process.js', import.meta.url));
const frameBytes = 100;
/** How many frames may be on their way. */
const windowFrames = 4_096;

/** Frames of 100 bytes a second from one process to another, over a bare client; over memory in one process. */
export async function rawRate(bus: BusName, frames: number): Promise<number> {
  const arrivals = new Arrivals();
  if (bus === 'memory') {
    await using link = disposable(await memoryLink(() => arrivals.add(1)));
    return await rate(link, arrivals, frames);
  }
  const root = await mkdtemp(join(tmpdir(), 'paxakos-bench-'));
  const receiver = fork(program);
  try {
    await using server = await startBus(bus, root);
    const url = bus === 'zmq' ? `ipc://${root}/raw.sock` : server.address;
    receiver.send({ bus, url, everyFrames: windowFrames / 8 } satisfies RawSetup);
    await once(receiver, 'message');
    receiver.on('message', (count: number) => arrivals.add(count));
    await using link = disposable(await rawSender(bus, url));
    return await rate(link, arrivals, frames);
  } finally {
    receiver.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  }
}

function disposable(sender: RawSender): RawSender & AsyncDisposable {
  return { ...sender, [Symbol.asyncDispose]: () => sender.close() };
}

/** Counts frames, and lets one wait for more. */
class Arrivals {
  count = 0;
  #wake = () => {};

  add(frames: number): void {
    this.count += frames;
    this.#wake();
  }

  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

async function rate(link: RawSender, arrivals: Arrivals, frames: number): Promise<number> {
  await push(link, arrivals, Math.ceil(frames / 10));
  const startedAt = performance.now();
  const [before] = [arrivals.count];
  await push(link, arrivals, frames);
  return ((arrivals.count - before) * 1_000) / (performance.now() - startedAt);
}

async function push(link: RawSender, arrivals: Arrivals, frames: number): Promise<void> {
  const frame = new Uint8Array(Buffer.alloc(frameBytes, 1));
  const start = arrivals.count;
  // Whole windows, since the other side counts in parts of one.
  const total = Math.ceil(frames / windowFrames) * windowFrames;
  for (let sent = 0; sent < total; sent += 1) {
    while (sent - (arrivals.count - start) >= windowFrames) await arrivals.more();
    const waiting = link.send(frame);
    if (waiting !== undefined) await waiting;
  }
  while (arrivals.count - start < total) await arrivals.more();
}
