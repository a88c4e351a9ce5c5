/** Random numbers that follow from a seed and a name, and from nothing else (sfc32, seeded by a hash). */
export class Seeded {
  readonly #seed: number;
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
    const text = `${seed}/${name}`;
    this.#a = hashOf(text, 0x9e3779b9);
    this.#b = hashOf(text, 0x243f6a88);
    this.#c = hashOf(text, 0xb7e15162);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** Another sequence, which follows from this seed and `name` alone, however far this one is. */
  fork(name: string): Seeded {
    return new Seeded(this.#seed, `${this.#name}/${name}`);
  }

  /** From 0 up to, not including, 1; of 32 bits. */
  readonly next: () => number = () => {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) / 0x100000000;
  };

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Some of a list, in a random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    const taken: T[] = [];
    while (taken.length < count && rest.length > 0) taken.push(...rest.splice(this.below(rest.length), 1));
    return taken;
  }
}

function hashOf(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}
