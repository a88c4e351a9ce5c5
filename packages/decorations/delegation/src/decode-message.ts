import { ByteReader, MalformedError } from './byte-reader.ts';
import { answerTypes, errorCodes, leaderships, messageTypes, requestTypes, wireVersion } from './encode-message.ts';
import type { AnswerItem, Message, RequestItem, WireError, WireRefusal } from './message.ts';

/** An id of a node has 1 to 255 bytes, one of an entry is checked by core; a message of an error is cut to this. */
const textMax = 4_096;
const refusalsMax = 256;
/** No node puts as many into one message. */
const itemsMax = 32_768;

/** What the bytes say, or `undefined` where they are no message. Never throws. Blocks are parts of the bytes. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  try {
    return readMessage(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function readMessage(reader: ByteReader): Message {
  if (reader.u8() !== wireVersion) throw new MalformedError('another version');
  const type = oneOf(messageTypes, reader.u8());
  switch (type) {
    case 'hello':
      return ended(reader, { type, nonce: reader.token() });
    case 'welcome':
      return ended(reader, { type, nonce: reader.token(), session: reader.token() });
    case 'requests': {
      const session = reader.token();
      const floor = reader.int();
      return { type, session, floor, items: all(reader, readRequest) };
    }
    case 'answers':
      return { type, session: reader.token(), items: all(reader, readAnswer) };
    case 'unknownSession':
      return ended(reader, { type, session: reader.token() });
  }
}

/** Everything up to the end. */
function all<T>(reader: ByteReader, read: (reader: ByteReader) => T): readonly T[] {
  const items: T[] = [];
  while (!reader.isAtEnd && items.length < itemsMax) items.push(read(reader));
  if (!reader.isAtEnd) throw new MalformedError('too many items');
  return items;
}

function ended(reader: ByteReader, message: Message): Message {
  if (!reader.isAtEnd) throw new MalformedError('bytes are left over');
  return message;
}

function readRequest(reader: ByteReader): RequestItem {
  const type = oneOf(requestTypes, reader.u8());
  const id = reader.int();
  if (type !== 'append') return { type, id };
  const leadership = oneOf(leaderships, reader.u8());
  const mustLead = flag(reader);
  const from = orNone(reader.int());
  const to = orNone(reader.int());
  return { type, id, leadership, mustLead, from, to, entryId: reader.text(textMax), payload: reader.block() };
}

function readAnswer(reader: ByteReader): AnswerItem {
  const type = oneOf(answerTypes, reader.u8());
  const id = reader.int();
  if (type === 'committed') return { type, id, round: reader.int() };
  if (type === 'failed') return { type, id, error: readError(reader) };
  return { type, id };
}

function readError(reader: ByteReader): WireError {
  const code = oneOf(errorCodes, reader.u8());
  const effect = flag(reader) ? 'unknown' : 'none';
  const message = reader.text(textMax);
  const leader = reader.text(textMax);
  const round = reader.int();
  const isCaughtUp = flag(reader);
  const data = readData(reader);
  const refusals: (readonly WireRefusal[])[] = [];
  const lists = reader.int();
  if (lists > 4) throw new MalformedError('too many lists');
  while (refusals.length < lists) refusals.push(readRefusals(reader));
  return {
    code,
    effect,
    message,
    round,
    isCaughtUp,
    refusals,
    ...(leader !== '' && { leader }),
    ...(data !== undefined && { data }),
  };
}

function readRefusals(reader: ByteReader): readonly WireRefusal[] {
  const count = reader.int();
  if (count > refusalsMax) throw new MalformedError('too many refusals');
  const list: WireRefusal[] = [];
  while (list.length < count) list.push({ node: reader.text(textMax), data: readData(reader) });
  return list;
}

function readData(reader: ByteReader): Uint8Array | undefined {
  return flag(reader) ? reader.block() : undefined;
}

function flag(reader: ByteReader): boolean {
  const value = reader.u8();
  if (value > 1) throw new MalformedError('no flag');
  return value === 1;
}

function orNone(round: number): number | undefined {
  return round === 0 ? undefined : round;
}

function oneOf<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new MalformedError('an unknown kind');
  return value;
}
