const wordBits = 32;
/** One word more than the window has, so that the word being filled never holds bits of the oldest numbers. */
const words = 257;
/** How far behind the newest number another one may be. */
export const windowSize: number = (words - 1) * wordBits;

/** Takes each number once, in any order within a window; as in RFC 6479. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(words);
  #newest: number;

  /** Whatever is not above `floor` counts as seen. */
  constructor(floor: number) {
    this.#newest = floor;
    this.#seen.fill(0xffffffff);
    // Of the word that holds the floor, the numbers above it are still to come.
    const kept = (floor % wordBits) + 1;
    this.#seen[wordOf(floor)] = kept === wordBits ? 0xffffffff : 2 ** kept - 1;
  }

  /** Whether this is the first time, as far as can be told. */
  take(number: number): boolean {
    if (number <= this.#newest - windowSize) return false;
    if (number > this.#newest) this.#moveTo(number);
    const word = wordOf(number);
    const bit = (1 << (number % wordBits)) >>> 0;
    const seen = this.#seen[word] ?? 0;
    if ((seen & bit) !== 0) return false;
    this.#seen[word] = seen | bit;
    return true;
  }

  #moveTo(number: number): void {
    const last = Math.floor(this.#newest / wordBits);
    const fresh = Math.min(words, Math.floor(number / wordBits) - last);
    for (let step = 1; step <= fresh; step += 1) this.#seen[(last + step) % words] = 0;
    this.#newest = number;
  }
}

function wordOf(number: number): number {
  return Math.floor(number / wordBits) % words;
}
