import { pause } from './expect.ts';
import type { Member, TestBed } from './test-bed.ts';

const mebibyte = 1024 * 1024;

/** Of the 400 MiB that `sendMuch` sends, how much may be kept. In bytes. */
export const keptBytesMax: number = 192 * mebibyte;

/**
 * Sends 400 MiB to the receivers, in frames of up to 1 MiB, and calls `after` each 8 MiB. Gives how much more memory is in use
 * then. In bytes. As much as bounded queues may hold is sent before: what an allocator once had it does not give back.
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
    await pause(300);
    return (await bed.fixture.memoryBytes?.()) ?? 0;
  };
  const before = await usedAfter(96 * mebibyte);
  return (await usedAfter(496 * mebibyte)) - before;
}
