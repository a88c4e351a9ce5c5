import { pause } from './expect.ts';
import type { Member, TestBed } from './test-bed.ts';

const mebibyte = 1024 * 1024;

/** Of the 400 MiB that `sendMuch` sends, how much may be kept. In bytes. */
export const keptBytesMax: number = 192 * mebibyte;

/**
 * Sends 400 MiB to the receivers, in frames of up to 1 MiB, and calls `after` each 8 MiB. Gives how much more memory is in use
 * then. In bytes.
 */
export async function sendMuch(
  bed: TestBed,
  from: Member,
  to: readonly Pick<Member, 'info'>[],
  after: (times: number) => Promise<void> = () => pause(2),
): Promise<number> {
  const memoryBytes = async () => (await bed.fixture.memoryBytes?.()) ?? 0;
  const before = await memoryBytes();
  const size = Math.min(mebibyte, from.transport.frameBytesMax);
  const receivers = to.map(({ info }) => info);
  const rest = Math.ceil((8 * mebibyte) / size);
  for (let index = 1; index * size <= 400 * mebibyte; index += 1) {
    from.transport.send(receivers, new Uint8Array(size).fill(index));
    if (index % rest === 0) await after(index / rest);
  }
  await pause(300);
  return (await memoryBytes()) - before;
}
