import type { Random } from '../contracts/index.ts';

/** A call into the platform for each number would cost more than the number. */
const buffered = new Uint32Array(256);
let next: number = buffered.length;

/** 32 bits of the platform's cryptographic randomness, as a number from 0 up to, not including, 1. */
export const systemRandom: Random = () => {
  if (next === buffered.length) {
    crypto.getRandomValues(buffered);
    next = 0;
  }
  const drawn = buffered[next] as number;
  next++;
  return drawn / 0x100000000;
};
