/** What a case throws: the transport broke the contract. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}

/** Fails unless the condition holds. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ConformanceFailure(what);
}

/** Resolves after a time, in ms. */
export function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

/**
 * How long a wait for anything that must happen goes on at least, in ms. A wait adds up the pauses that it asked for, and no clock
 * is read: time in which a busy machine did not run this process does not count.
 */
export const patience = { ms: 60_000 };

/** Calls `act`, if there is one, again and again until the condition holds; fails when patience is over. */
export async function until(condition: () => boolean, what: () => string, act?: () => void): Promise<void> {
  let waitedMs = 0;
  for (let waitMs = 1; !condition(); waitMs = Math.min(2 * waitMs, 20)) {
    expect(waitedMs < patience.ms, `within ${patience.ms} ms: ${what()}`);
    act?.();
    await pause(waitMs);
    waitedMs += waitMs;
  }
}

/** Resolves with what the work resolves with; fails if it has not ended when patience is over. */
export async function ends<T>(what: string, work: Promise<T>): Promise<T> {
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  work.then(end, end);
  await until(
    () => hasEnded,
    () => `${what} ends`,
  );
  return work;
}

/** Fails if the work takes longer by the clock. */
export async function within<T>(timeMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConformanceFailure(`${what} took longer than ${timeMs} ms`)), timeMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes that follow from the seed, never the same for two seeds; the first 4 hold it, where there is room. */
export function bytesOf(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let word = (seed * 2_654_435_761) >>> 0 || 1;
  for (let at = 0; at < words.length; at += 1) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[at] = word;
  }
  const whole = new Uint8Array(words.buffer);
  const bytes = length === whole.length ? whole : whole.slice(0, length);
  if (length >= 4) new DataView(bytes.buffer).setUint32(0, seed);
  return bytes;
}

/** The seed that `bytesOf` wrote; -1 where there was no room. */
export function seedOf(bytes: Uint8Array): number {
  return bytes.byteLength < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** Whether two arrays hold the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0; at < a.byteLength; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
