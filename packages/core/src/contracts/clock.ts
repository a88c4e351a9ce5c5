/** Time as the node sees it. A simulator gives a virtual one. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now or later; gives a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /**
   * Milliseconds by a clock that goes on while the machine is suspended, as `Date.now` does; it may be set. Where it is missing,
   * time that passes only for others goes unnoticed.
   */
  wallNow?(): number;
}

/** A number from 0 up to, not including, 1, of at least 32 random bits. */
export type Random = () => number;
