import type { KeyObject } from 'node:crypto';
import type { NodeId, NodeInfo } from '@paxakos/core/contracts';
import type { ReplayWindow } from './replay-window.ts';
import { receiverTag } from './sealed-frame.ts';

const heldBytesMax = 256 * 1024;
const heldMsMax = 1_000;
/** What a frame counts for beyond its bytes. */
const heldFrameBytes = 64;
const challengeMsMax = 10_000;
const answersMax = 8;
const answerMs = 25;

/** A session that a peer says is its own. */
export interface PeerSession {
  readonly name: string;
  readonly key: KeyObject;
  readonly peer: Peer;
  /** There is one once it is proven that the session lives. */
  window?: ReplayWindow;
}

/** What is known of a peer, and what waits until it takes our frames. */
export class Peer {
  readonly id: NodeId;
  readonly tag: Uint8Array;
  info: NodeInfo;
  /** The session that was proven to live last. */
  live: PeerSession | undefined;
  /** One that is yet to be proven. */
  candidate: PeerSession | undefined;
  /** Whether it takes our frames, as far as we know. */
  isReady = false;
  heardAt: number = Number.NEGATIVE_INFINITY;
  greetedAt: number = Number.NEGATIVE_INFINITY;
  usedAt: number;
  #challenge: Uint8Array | undefined;
  #challengedAt = 0;
  #held: { readonly frame: Uint8Array; readonly heldAt: number }[] = [];
  #heldBytes = 0;
  #answers = answersMax;
  #answeredAt: number;

  constructor(info: NodeInfo, now: number) {
    this.id = info.id;
    this.tag = receiverTag(info.id);
    this.info = info;
    this.usedAt = now;
    this.#answeredAt = now;
  }

  /** The challenge that awaits its answer. It stays the same for a while, or a slow bus would never bring one in time. */
  challenge(now: number, random: () => Uint8Array): Uint8Array {
    if (this.#challenge === undefined || now - this.#challengedAt > challengeMsMax) {
      this.#challenge = random();
      this.#challengedAt = now;
    }
    return this.#challenge;
  }

  /** Whether this is the answer that was awaited. It is so once: a second one may be of a former life. */
  isAnswered(answer: Uint8Array | undefined, now: number): boolean {
    if (answer === undefined || this.#challenge === undefined) return false;
    if (now - this.#challengedAt > challengeMsMax || Buffer.compare(this.#challenge, answer) !== 0) return false;
    this.#challenge = undefined;
    return true;
  }

  /** Whether one more answer is due: 40 a second at most, and 8 at once. */
  mayAnswer(now: number): boolean {
    const earned = Math.floor((now - this.#answeredAt) / answerMs);
    this.#answers = Math.min(answersMax, this.#answers + earned);
    this.#answeredAt += earned * answerMs;
    if (this.#answers === 0) return false;
    this.#answers -= 1;
    return true;
  }

  /** Keeps a frame for later. Gives how many older ones had to go. */
  hold(frame: Uint8Array, now: number): number {
    this.#held.push({ frame, heldAt: now });
    this.#heldBytes += frame.byteLength + heldFrameBytes;
    let gone = 0;
    while (gone < this.#held.length - 1 && (this.#heldBytes > heldBytesMax || this.#isStale(gone, now))) {
      this.#heldBytes -= (this.#held[gone]?.frame.byteLength ?? 0) + heldFrameBytes;
      gone += 1;
    }
    this.#held.splice(0, gone);
    return gone;
  }

  /** Gives what was kept, and how many frames had waited for too long. */
  takeHeld(now: number): { readonly frames: readonly Uint8Array[]; readonly gone: number } {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    const frames = held.filter(({ heldAt }) => now - heldAt <= heldMsMax).map(({ frame }) => frame);
    return { frames, gone: held.length - frames.length };
  }

  /** How many frames wait. */
  get heldFrames(): number {
    return this.#held.length;
  }

  #isStale(at: number, now: number): boolean {
    return now - (this.#held[at]?.heldAt ?? now) > heldMsMax;
  }
}
