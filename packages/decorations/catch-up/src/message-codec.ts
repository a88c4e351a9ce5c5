import type { NodeInfo } from '@paxakos/core/contracts';
import type { Message, SnapshotName } from './message.ts';

/** The version of the messages; those of another one are refused. */
const version = 1;
const types = ['find', 'have', 'none', 'open', 'pending', 'opened', 'want', 'chunk', 'gone'] as const;

/** What one message names, at most. */
export const membersMax = 32;
export const indexesMax = 1_024;
const textCharsMax = 1_024;
/** Room for everything but a chunk's bytes, and the members of a `none`. */
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

/** Throws a RangeError where the bytes end too early, or a value is beyond its limit. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    this.#at += 1;
    return this.#view.getUint8(this.#at - 1);
  }

  u32(max = 0xffffffff): number {
    this.#at += 4;
    return within(this.#view.getUint32(this.#at - 4), max);
  }

  integer(): number {
    this.#at += 8;
    return within(this.#view.getFloat64(this.#at - 8), Number.MAX_SAFE_INTEGER);
  }

  text(): string {
    const length = this.u32(textCharsMax);
    let text = '';
    for (let left = length; left > 0; left -= 1) {
      text += String.fromCharCode(this.#view.getUint16(this.#at));
      this.#at += 2;
    }
    return text;
  }

  name(): SnapshotName {
    return { round: this.integer(), length: this.integer(), high: this.u32(), low: this.u32() };
  }

  optionalName(): SnapshotName | undefined {
    return this.u8() === 0 ? undefined : this.name();
  }

  list<Item>(max: number, item: () => Item): Item[] {
    const length = this.u32(max);
    return Array.from({ length }, item);
  }

  rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('more follows than is known');
  }
}

function within(value: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) throw new RangeError('a number is beyond its limit');
  return value;
}

/** Encodes a message. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new Writer(headBytes + bodyBytes(message));
  writer.u8(version);
  writer.u8(types.indexOf(message.type));
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

/** Decodes a message; the bytes of a chunk are shared. Throws where they are no message of this version. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  if (reader.u8() !== version) throw new RangeError('the message is of another version');
  const type = types[reader.u8()];
  if (type === undefined) throw new RangeError('the message is of no known type');
  const message = readBody(reader, type);
  reader.end();
  return message;
}

function readBody(reader: Reader, type: Message['type']): Message {
  switch (type) {
    case 'find':
      return { type, nonce: reader.u32(), atLeast: reader.integer() };
    case 'have':
      return { type, nonce: reader.u32(), round: reader.integer(), held: reader.optionalName() };
    case 'none':
      return { type, nonce: reader.u32(), members: reader.list(membersMax, () => readMember(reader)) };
    case 'open':
      return { type, nonce: reader.u32(), atLeast: reader.integer(), resume: reader.optionalName() };
    case 'pending':
      return { type, nonce: reader.u32() };
    case 'opened':
      return { type, nonce: reader.u32(), name: reader.name(), chunkBytes: reader.u32() };
    case 'want':
      return { type, name: reader.name(), indexes: reader.list(indexesMax, () => reader.u32()) };
    case 'chunk':
      return { type, name: reader.name(), index: reader.u32(), bytes: reader.rest() };
    case 'gone':
      return { type, name: reader.name() };
  }
}

function readMember(reader: Reader): NodeInfo {
  const id = reader.text();
  const address = reader.text();
  if (id === '') throw new RangeError('a member has no id');
  return address === '' ? { id } : { id, address };
}
