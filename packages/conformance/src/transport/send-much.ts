import { bytesOf, pause } from './expect.ts';
import type { Member, TestBed } from './test-bed.ts';

const mebibyte = 1024 * 1024;

/** Of the 400 MiB that `sendMuch` sends, how much may be kept. In bytes. */
export const keptBytesMax: number = 192 * mebibyte;

/**
 * Sends 400 MiB to the receivers, in frames of up to 1 MiB, and after each 8 MiB a small frame to those that `live` names. Gives
 * how much more memory is in use then. In bytes.
 */
export async function sendMuch(
  bed: TestBed,
  from: Member,
  to: readonly Pick<Member, 'info'>[],
  live: readonly Member[] = [],
): Promise<number> {
  const memoryBytes = async () => (await bed.fixture.memoryBytes?.()) ?? 0;
  const before = await memoryBytes();
  const size = Math.min(mebibyte, from.transport.frameBytesMax);
  const receivers = to.map(({ info }) => info);
  const others = live.map(({ info }) => info);
  const rest = Math.ceil((8 * mebibyte) / size);
  for (let index = 1; index * size <= 400 * mebibyte; index += 1) {
    from.transport.send(receivers, new Uint8Array(size).fill(index));
    if (index % rest !== 0) continue;
    if (others.length > 0) from.transport.send(others, bytesOf(100, index / rest));
    await pause(2);
  }
  await pause(300);
  return (await memoryBytes()) - before;
}
