import type { Message, NodeInfo } from '../contracts/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { crc32 } from './crc32.ts';
import { encodeMessage } from './encode-message.ts';
import { checksumBytes, messagesMax, sealFrame } from './frame.ts';

/** What all outboxes of a node share. */
export interface OutboxFrames {
  readonly messagesHead: Uint8Array;
  readonly chunkHead: Uint8Array;
  /** May change at any time. */
  readonly frameBytesMax: number;
  readonly messageBytesMax: number;
  /** Numbers the long messages of this node. */
  nextSequence(): number;
}

/** A message is preceded by its length. */
const lengthBytes = 4;

/** The most that the fields of a chunk take: three integers and a checksum. */
const chunkFieldsBytesMax = 28;

/** The smallest frame in which a node with these heads can send anything. */
export function frameBytesMin(frames: Pick<OutboxFrames, 'messagesHead' | 'chunkHead'>): number {
  return Math.max(frames.messagesHead.length, frames.chunkHead.length) + chunkFieldsBytesMax + checksumBytes + 64;
}

/** Gathers the messages of one turn for one set of receivers, encoded once for all of them. */
export class Outbox {
  readonly #frames: OutboxFrames;
  readonly #body = new ByteWriter(1_024);
  /** How many messages the body holds. */
  #messages = 0;
  /** Frames that are full already. */
  #sealed: Uint8Array[] = [];
  #receivers: readonly NodeInfo[] = [];

  constructor(frames: OutboxFrames) {
    this.#frames = frames;
  }

  get receivers(): readonly NodeInfo[] {
    return this.#receivers;
  }

  /** Takes a set of receivers, and copies it. */
  address(receivers: readonly NodeInfo[]): void {
    this.#receivers = receivers.slice();
  }

  /** Whether it is for these receivers, in any order. */
  isFor(receivers: readonly NodeInfo[]): boolean {
    const own = this.#receivers;
    if (own.length !== receivers.length) return false;
    for (let index = 0; index < own.length; index++) {
      const node = receivers[index] as NodeInfo;
      if (!isSameNode(own[index] as NodeInfo, node) && !own.some((other) => isSameNode(other, node))) return false;
    }
    return true;
  }

  /** Adds a message. Throws, and adds nothing, where it cannot be encoded or is too long. */
  add(message: Message): void {
    const body = this.#body;
    const start = body.length;
    try {
      body.u32(0);
      encodeMessage(body, message);
      const length = body.length - start - lengthBytes;
      if (length > this.#frames.messageBytesMax)
        throw new RangeError(`it has ${length} bytes; ${this.#frames.messageBytesMax} fit`);
      body.putU32(start, length);
    } catch (error) {
      body.truncate(start);
      throw error;
    }
    if (this.#isTooLong()) this.#sealUpTo(start);
    else if (++this.#messages === messagesMax) this.#seal();
  }

  /** Gives the frames, and is empty. */
  take(): readonly Uint8Array[] {
    if (this.#body.length > 0) this.#seal();
    const sealed = this.#sealed;
    this.#sealed = [];
    return sealed;
  }

  #isTooLong(): boolean {
    const { messagesHead, frameBytesMax } = this.#frames;
    return messagesHead.length + this.#body.length + checksumBytes > frameBytesMax;
  }

  /** Makes a frame of what the body holds up to `end`, and cuts it out. */
  #seal(end: number = this.#body.length): void {
    this.#sealed.push(sealFrame(this.#frames.messagesHead, this.#body.view().subarray(0, end)));
    this.#body.remove(0, end);
    this.#messages = 0;
  }

  /** The last message, which starts at `start`, does not fit with those before it; perhaps not even on its own. */
  #sealUpTo(start: number): void {
    if (start > 0) this.#seal(start);
    if (this.#isTooLong()) {
      this.#sealChunks(this.#body.view(lengthBytes));
      this.#body.reset();
    } else {
      this.#messages = 1;
    }
  }

  #sealChunks(message: Uint8Array): void {
    const { chunkHead, frameBytesMax } = this.#frames;
    const checksum = crc32(message);
    const sequence = this.#frames.nextSequence();
    const chunkBytesMax = frameBytesMax - chunkHead.length - chunkFieldsBytesMax - checksumBytes;
    const chunk = new ByteWriter(Math.min(chunkBytesMax, message.length) + chunkFieldsBytesMax);
    for (let offset = 0; offset < message.length; offset += chunkBytesMax) {
      chunk.reset();
      chunk.varint(sequence);
      chunk.varint(message.length);
      chunk.u32(checksum);
      chunk.varint(offset);
      chunk.raw(message.subarray(offset, offset + chunkBytesMax));
      this.#sealed.push(sealFrame(chunkHead, chunk.view()));
    }
  }
}

export function isSameNode(a: NodeInfo, b: NodeInfo): boolean {
  return a === b || (a.id === b.id && a.address === b.address);
}
