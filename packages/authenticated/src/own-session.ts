import type { KeyObject } from 'node:crypto';
import type { ClusterKey } from './cluster-key.ts';
import { sealFrame, sessionBytes } from './sealed-frame.ts';

/** What this process seals with: a key of its own, for a bounded number of frames. */
export class OwnSession {
  readonly #keyId: number;
  readonly #session: Uint8Array;
  readonly #key: KeyObject;
  readonly #framesMax: number;
  #counter = 0;

  constructor(clusterKey: ClusterKey, random: (length: number) => Uint8Array, framesMax: number) {
    this.#keyId = clusterKey.id;
    this.#session = random(sessionBytes);
    this.#key = clusterKey.ofSession(this.#session);
    this.#framesMax = framesMax;
  }

  /** A counter must never recur under one key. */
  get isSpent(): boolean {
    return this.#counter >= this.#framesMax;
  }

  seal(content: Uint8Array, receivers?: readonly Uint8Array[]): Uint8Array {
    if (this.isSpent) throw new RangeError('the session is spent');
    this.#counter += 1;
    const seal = { keyId: this.#keyId, session: this.#session, key: this.#key, counter: this.#counter };
    return sealFrame(seal, content, receivers);
  }
}
