import { type Message, messageTypes, messageVersion, type SnapshotName } from './message.ts';

/** Room for everything but a chunk's bytes, indexes and members. */
const headBytes = 64;

class Writer {
  readonly #view: DataView;
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  integer(value: number): void {
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  text(value: string): void {
    this.u32(value.length);
    for (let at = 0; at < value.length; at += 1) {
      this.#view.setUint16(this.#at, value.charCodeAt(at));
      this.#at += 2;
    }
  }

  name({ round, length, high, low }: SnapshotName): void {
    this.integer(round);
    this.integer(length);
    this.u32(high);
    this.u32(low);
  }

  optionalName(name: SnapshotName | undefined): void {
    this.u8(name === undefined ? 0 : 1);
    if (name !== undefined) this.name(name);
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.#at);
  }
}

/** Encodes a message. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new Writer(headBytes + bodyBytes(message));
  writer.u8(messageVersion);
  writer.u8(messageTypes.indexOf(message.type));
  if ('nonce' in message) writer.u32(message.nonce);
  switch (message.type) {
    case 'find':
      writer.integer(message.atLeast);
      break;
    case 'have':
      writer.integer(message.round);
      writer.optionalName(message.held);
      break;
    case 'none':
      writer.u32(message.members.length);
      for (const { id, address = '' } of message.members) {
        writer.text(id);
        writer.text(address);
      }
      break;
    case 'open':
      writer.integer(message.atLeast);
      writer.optionalName(message.resume);
      break;
    case 'opened':
      writer.name(message.name);
      writer.u32(message.chunkBytes);
      break;
    case 'want':
      writer.name(message.name);
      writer.u32(message.indexes.length);
      for (const index of message.indexes) writer.u32(index);
      break;
    case 'chunk':
      writer.name(message.name);
      writer.u32(message.index);
      writer.raw(message.bytes);
      break;
    case 'gone':
      writer.name(message.name);
      break;
  }
  return writer.done();
}

function bodyBytes(message: Message): number {
  if (message.type === 'chunk') return message.bytes.length;
  if (message.type === 'want') return 4 * message.indexes.length;
  if (message.type !== 'none') return 0;
  return message.members.reduce((sum, { id, address = '' }) => sum + 8 + 2 * (id.length + address.length), 0);
}
