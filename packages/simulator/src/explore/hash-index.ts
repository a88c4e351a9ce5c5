/** Numbers by keys of 64 bits, in flat arrays: millions of them for 12 bytes each. */
export class HashIndex {
  #first: Uint32Array;
  #second: Uint32Array;
  #values: Int32Array;
  #size = 0;

  constructor(capacity = 1_024) {
    this.#first = new Uint32Array(capacity);
    this.#second = new Uint32Array(capacity);
    this.#values = new Int32Array(capacity).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  /** The number that the key has; `value` from now on, where it had none. */
  add(first: number, second: number, value: number): number {
    if (this.#size * 2 > this.#values.length) this.#grow();
    const at = this.#find(first, second);
    const known = this.#values[at] as number;
    if (known >= 0) return known;
    this.#first[at] = first;
    this.#second[at] = second;
    this.#values[at] = value;
    this.#size += 1;
    return value;
  }

  #find(first: number, second: number): number {
    const mask = this.#values.length - 1;
    let at = (first ^ second) & mask;
    while ((this.#values[at] as number) >= 0 && (this.#first[at] !== first || this.#second[at] !== second))
      at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [first, second, values] = [this.#first, this.#second, this.#values];
    this.#first = new Uint32Array(values.length * 2);
    this.#second = new Uint32Array(values.length * 2);
    this.#values = new Int32Array(values.length * 2).fill(-1);
    for (let index = 0; index < values.length; index += 1) {
      if ((values[index] as number) < 0) continue;
      const at = this.#find(first[index] as number, second[index] as number);
      this.#first[at] = first[index] as number;
      this.#second[at] = second[index] as number;
      this.#values[at] = values[index] as number;
    }
  }
}
