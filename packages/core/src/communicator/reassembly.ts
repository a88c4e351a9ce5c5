import { MalformedError } from './byte-reader.ts';
import { crc32 } from './crc32.ts';

/** A part of a message that is longer than a frame. */
export interface Chunk {
  /** Numbers the sender's long messages. It starts anew with the sender, so it names a message only with the next two. */
  readonly sequence: number;
  readonly messageBytes: number;
  readonly checksum: number;
  /** Where in the message it belongs. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What reassembly may hold, for all senders together. One sender may take half of it. */
export interface ReassemblyLimits {
  readonly messageBytesMax: number;
  readonly reassemblyBytesMax: number;
}

/** How many messages are kept incomplete, or remembered as complete: in total, and of one sender. */
const partialsMax = 256;
const partialsOfSenderMax = 32;

/** What a chunk costs beside its bytes, about: so that many tiny ones do not pass for little. */
const chunkOverheadBytes = 160;

interface Partial {
  readonly key: string;
  readonly sender: string;
  /** By offset; `undefined` once the message is complete, so that a late duplicate starts nothing. */
  pieces: Map<number, Uint8Array> | undefined;
  receivedBytes: number;
  heldBytes: number;
}

interface Usage {
  partials: number;
  heldBytes: number;
}

/**
 * Puts long messages together out of chunks that come in any order, twice, or never. What it holds is what has arrived, never
 * what a chunk merely announces; above a limit the oldest incomplete message is given up.
 */
export class Reassembly {
  readonly #limits: ReassemblyLimits;
  readonly #givenUp: (sender: string) => void;
  /** In the order in which they began. */
  readonly #partials = new Map<string, Partial>();
  readonly #usages = new Map<string, Usage>();
  #heldBytes = 0;

  constructor(limits: ReassemblyLimits, givenUp: (sender: string) => void) {
    this.#limits = limits;
    this.#givenUp = givenUp;
  }

  /** How many bytes it holds. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a chunk, and keeps its bytes; gives the message when that was the last one missing. Throws a `MalformedError`. */
  add(sender: string, chunk: Chunk): Uint8Array | undefined {
    const { messageBytes, offset, bytes } = chunk;
    if (messageBytes > this.#limits.messageBytesMax) throw new MalformedError('its message is too long');
    if (bytes.length === 0 || offset > messageBytes - bytes.length)
      throw new MalformedError('a chunk lies outside of its message');
    const partial = this.#partialOf(sender, chunk);
    if (partial.pieces === undefined || partial.pieces.has(offset)) return undefined;
    partial.pieces.set(offset, bytes);
    partial.receivedBytes += bytes.length;
    this.#hold(partial, bytes.length + chunkOverheadBytes);
    if (partial.receivedBytes < messageBytes) {
      this.#enforceLimits(sender);
      return undefined;
    }
    const { pieces } = partial;
    this.#hold(partial, -partial.heldBytes);
    partial.pieces = undefined;
    return join(pieces, chunk);
  }

  #partialOf(sender: string, { sequence, messageBytes, checksum }: Chunk): Partial {
    // The length keeps one sender's key from being another's.
    const key = `${sender.length}:${sender}:${sequence}:${messageBytes}:${checksum}`;
    const known = this.#partials.get(key);
    if (known !== undefined) return known;
    const partial: Partial = { key, sender, pieces: new Map(), receivedBytes: 0, heldBytes: 0 };
    this.#partials.set(key, partial);
    const usage = this.#usages.get(sender);
    if (usage === undefined) this.#usages.set(sender, { partials: 1, heldBytes: 0 });
    else usage.partials++;
    return partial;
  }

  #hold(partial: Partial, bytes: number): void {
    partial.heldBytes += bytes;
    this.#heldBytes += bytes;
    (this.#usages.get(partial.sender) as Usage).heldBytes += bytes;
  }

  #enforceLimits(sender: string): void {
    const { reassemblyBytesMax } = this.#limits;
    for (;;) {
      const usage = this.#usages.get(sender);
      if (usage === undefined) break;
      if (usage.partials <= partialsOfSenderMax && usage.heldBytes <= reassemblyBytesMax / 2) break;
      this.#giveUpOldest(sender);
    }
    while (this.#partials.size > partialsMax || this.#heldBytes > reassemblyBytesMax) this.#giveUpOldest(undefined);
  }

  #giveUpOldest(sender: string | undefined): void {
    for (const partial of this.#partials.values()) {
      if (sender !== undefined && partial.sender !== sender) continue;
      this.#remove(partial);
      if (partial.pieces !== undefined) this.#givenUp(partial.sender);
      return;
    }
  }

  #remove(partial: Partial): void {
    this.#hold(partial, -partial.heldBytes);
    this.#partials.delete(partial.key);
    const usage = this.#usages.get(partial.sender) as Usage;
    usage.partials--;
    if (usage.partials === 0) this.#usages.delete(partial.sender);
  }
}

/** Pieces that overlap, or come from two messages, do not have the checksum of the whole. */
function join(pieces: ReadonlyMap<number, Uint8Array>, { messageBytes, checksum }: Chunk): Uint8Array {
  const message = new Uint8Array(messageBytes);
  for (const [offset, bytes] of pieces) message.set(bytes, offset);
  if (crc32(message) !== checksum) throw new MalformedError('the checksum of its message is wrong');
  return message;
}
