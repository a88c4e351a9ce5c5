/** Something that only one owner may use at a time. */
export class LockResource {
  readonly #checksTokens: boolean;
  #greatest = 0;
  #owner: string | undefined;
  readonly #former = new Set<string>();
  /** How often it was used, and how often it refused to be. */
  uses = 0;
  refusals = 0;
  /** How often an owner used it although another one had come after it. */
  overlaps = 0;

  constructor(checksTokens: boolean) {
    this.#checksTokens = checksTokens;
  }

  /** Uses it; gives whether that was let happen. Whether owners overlap is judged without a look at tokens. */
  use(owner: string, token: number): boolean {
    if (this.#checksTokens && token < this.#greatest) {
      this.refusals += 1;
      return false;
    }
    this.#greatest = Math.max(this.#greatest, token);
    this.uses += 1;
    if (this.#former.has(owner)) this.overlaps += 1;
    if (this.#owner !== undefined && this.#owner !== owner) this.#former.add(this.#owner);
    this.#former.delete(owner);
    this.#owner = owner;
    return true;
  }
}
