import type { NodeInfo } from '@paxakos/core/contracts';
import { indexesMax, type Message, membersMax, messageTypes, messageVersion, type SnapshotName } from './message.ts';

const textCharsMax = 1_024;

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

/** Decodes a message; the bytes of a chunk are shared. Throws where they are no message of this version. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  if (reader.u8() !== messageVersion) throw new RangeError('the message is of another version');
  const type = messageTypes[reader.u8()];
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
