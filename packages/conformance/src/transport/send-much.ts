import { pause } from './expect.ts';
import type { Member, TestBed } from './test-bed.ts';
import type { TransportFixture } from './transport-fixture.ts';

const mebibyte = 1024 * 1024;

/** Of the 200 MiB that `sendMuch` sends, how much may be kept: half, since what an allocator keeps differs. In bytes. */
export const keptBytesMax: number = 96 * mebibyte;

/** How much memory is in use. In bytes. The least of several looks: what was collected is freed a little later, on another thread. */
export async function memoryInUse(fixture: TransportFixture): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let looks = 0; looks < 4; looks += 1) {
    await pause(40);
    least = Math.min(least, (await fixture.memoryBytes?.()) ?? 0);
  }
  return least;
}

/**
 * Sends 200 MiB to the receivers, in frames of up to 1 MiB, and calls `after` each 8 MiB. Returns how much more memory is in use
 * then, in bytes. It first sends as much as bounded queues may hold: an allocator does not give back what it once had.
 */
export async function sendMuch(
  bed: TestBed,
  from: Member,
  to: readonly Pick<Member, 'info'>[],
  after: (times: number) => Promise<void> = () => pause(2),
): Promise<number> {
  const receivers = to.map(({ info }) => info);
  const { frameBytesMax } = from.transport;
  const size = Math.min(mebibyte, frameBytesMax);
  const rest = Math.ceil((8 * mebibyte) / size);
  let sent = 0;
  const usedAfter = async (bytes: number): Promise<number> => {
    for (; (sent + 1) * size <= bytes; sent += 1) {
      from.transport.send(receivers, new Uint8Array(size).fill(sent));
      if (sent % rest === 0) await after(sent / rest + 1);
    }
    return memoryInUse(bed.fixture);
  };
  const before = await usedAfter(96 * mebibyte);
  return (await usedAfter(296 * mebibyte)) - before;
}
