// A sealed frame, numbers in big endian:
//
//   kind 1 · key id 4 · session 16 · counter 6 · [data: number of receivers 1 · 8 for each] · ciphertext · tag 16
//
// All before the ciphertext is authenticated with it. The nonce is the counter, and each session has a key of its own.
import { createCipheriv, createDecipheriv, createHash, type KeyObject } from 'node:crypto';
import type { NodeId } from '@paxakos/core/contracts';

export const sessionBytes = 16;
/** How many receivers a frame can name. */
export const receiversMax = 8;
/** Of format 1. */
export const kinds = { data: 0x11, greeting: 0x12 } as const;

const sessionAt = 5;
const counterAt = sessionAt + sessionBytes;
const counterBytes = 6;
const headBytes = counterAt + counterBytes;
const receiverBytes = 8;
const tagBytes = 16;
const nonceBytes = 12;
const cipherName = 'aes-256-gcm';
const gcm = { authTagLength: tagBytes };

/** How much longer than its content a frame of data can be. */
export const overheadBytes: number = headBytes + 1 + receiversMax * receiverBytes + tagBytes;

/** What a frame names to tell whom it is for. */
export function receiverTag(id: NodeId): Buffer {
  return createHash('sha256').update(id).digest().subarray(0, receiverBytes);
}

/** What says how a frame is sealed. */
export interface Seal {
  readonly keyId: number;
  readonly session: Uint8Array;
  readonly key: KeyObject;
  readonly counter: number;
}

const nonce = Buffer.alloc(nonceBytes);

function nonceOf(counter: number): Buffer {
  nonce.writeUIntBE(counter, nonceBytes - counterBytes, counterBytes);
  return nonce;
}

/** Seals data for the receivers with these tags, or a greeting where there are none. */
export function sealFrame(seal: Seal, content: Uint8Array, receivers?: readonly Uint8Array[]): Uint8Array {
  const contentAt = headBytes + (receivers === undefined ? 0 : 1 + receivers.length * receiverBytes);
  const frame = Buffer.allocUnsafe(contentAt + content.byteLength + tagBytes);
  frame[0] = receivers === undefined ? kinds.greeting : kinds.data;
  frame.writeUInt32BE(seal.keyId, 1);
  frame.set(seal.session, sessionAt);
  frame.writeUIntBE(seal.counter, counterAt, counterBytes);
  if (receivers !== undefined) {
    frame[headBytes] = receivers.length;
    for (const [at, tag] of receivers.entries()) frame.set(tag, headBytes + 1 + at * receiverBytes);
  }
  const cipher = createCipheriv(cipherName, seal.key, nonceOf(seal.counter), gcm);
  cipher.setAAD(frame.subarray(0, contentAt));
  frame.set(cipher.update(content), contentAt);
  cipher.final();
  frame.set(cipher.getAuthTag(), frame.length - tagBytes);
  return frame;
}

/** A frame whose parts have been told apart, and nothing more: all that it says may be a lie until `open` gives its content. */
export class SealedFrame {
  readonly isGreeting: boolean;
  readonly keyId: number;
  readonly counter: number;
  readonly #bytes: Buffer;
  readonly #contentAt: number;

  private constructor(bytes: Buffer, contentAt: number) {
    this.#bytes = bytes;
    this.#contentAt = contentAt;
    this.isGreeting = bytes[0] === kinds.greeting;
    this.keyId = bytes.readUInt32BE(1);
    this.counter = bytes.readUIntBE(counterAt, counterBytes);
  }

  /** Gives nothing where the bytes cannot be a frame. */
  static read(frame: Uint8Array): SealedFrame | undefined {
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const kind = bytes[0];
    if (bytes.length < headBytes + tagBytes || (kind !== kinds.data && kind !== kinds.greeting)) return undefined;
    const receivers = bytes[headBytes] ?? 0;
    if (kind === kinds.data && (receivers === 0 || receivers > receiversMax)) return undefined;
    const contentAt = headBytes + (kind === kinds.greeting ? 0 : 1 + receivers * receiverBytes);
    return bytes.length < contentAt + tagBytes ? undefined : new SealedFrame(bytes, contentAt);
  }

  get session(): Uint8Array {
    return this.#bytes.subarray(sessionAt, counterAt);
  }

  /** The session as a key of a map. */
  get sessionName(): string {
    return this.#bytes.toString('latin1', sessionAt, counterAt);
  }

  names(tag: Uint8Array): boolean {
    for (let at = headBytes + 1; at < this.#contentAt; at += receiverBytes) {
      if (this.#bytes.compare(tag, 0, receiverBytes, at, at + receiverBytes) === 0) return true;
    }
    return false;
  }

  /** The content, in memory of its own; nothing where the frame was not sealed with this key, or was altered. */
  open(key: KeyObject): Uint8Array | undefined {
    const tagAt = this.#bytes.length - tagBytes;
    try {
      const decipher = createDecipheriv(cipherName, key, nonceOf(this.counter), gcm);
      decipher.setAAD(this.#bytes.subarray(0, this.#contentAt));
      decipher.setAuthTag(this.#bytes.subarray(tagAt));
      const content = decipher.update(this.#bytes.subarray(this.#contentAt, tagAt));
      decipher.final();
      return content;
    } catch {
      return undefined;
    }
  }
}
