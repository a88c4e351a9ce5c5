import type { AcceptanceMessage, Message } from '../contracts/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeFounding, writeIncarnations, writeOptionalIncarnation } from './founding.ts';
import { messageCodes } from './message-codes.ts';
import { writeEntries, writeIds, writeProposals } from './proposals.ts';
import { checkRun } from './runs.ts';

/** The longest name of a decoration's channel, in bytes. */
export const channelBytesMax = 255;

/** Writes a message. Throws where it is not what its type says; the writer then holds a part of it. */
export function encodeMessage(writer: ByteWriter, message: Message): void {
  writer.u8(messageCodes[message.type]);
  // The table pairs each type with its own encoder.
  (encoders[message.type] as Encoder)(writer, message);
}

type Encoder<M extends Message = Message> = (writer: ByteWriter, message: M) => void;

const encoders: { readonly [Type in Message['type']]: Encoder<Extract<Message, { readonly type: Type }>> } = {
  prepare(writer, { number, from }) {
    writer.number(number);
    writer.round(from);
  },
  promise(writer, { number, incarnation, from, through, committed, accepted }) {
    writer.number(number);
    writer.incarnation(incarnation);
    writer.round(from);
    writer.round(through);
    writer.varint(committed);
    writeProposals(writer, accepted);
  },
  supplanted(writer, { refused, greatest }) {
    writer.number(refused);
    writer.number(greatest);
  },
  converged(writer, { refused, greatest, round, committed }) {
    writer.number(refused);
    writer.number(greatest);
    writer.round(round);
    writer.varint(committed);
  },
  abstention(writer, { number, incarnation, data }) {
    writer.number(number);
    writer.incarnation(incarnation);
    writer.block(data);
  },
  propose(writer, { number, from, entries }) {
    writer.number(number);
    writer.round(from);
    checkRun(from, entries.length);
    writeEntries(writer, entries);
  },
  acceptance: encodeAcceptance,
  rejection(writer, { number, incarnation, round, data }) {
    writer.number(number);
    writer.incarnation(incarnation);
    writer.round(round);
    writer.block(data);
  },
  commit(writer, { number, from, ids }) {
    writer.number(number);
    writer.round(from);
    checkRun(from, ids.length);
    writeIds(writer, ids);
  },
  entries(writer, { entries, committed }) {
    writeProposals(writer, entries);
    writer.varint(committed);
  },
  fetch(writer, { from, to }) {
    writer.round(from);
    checkRun(from, to - from + 1);
    writer.round(to);
  },
  progress(writer, { committed, retained, reply, seen }) {
    writer.varint(committed);
    writer.round(retained);
    writer.u8((reply ? 1 : 0) + (seen === undefined ? 0 : 2));
    if (seen === undefined) return;
    writer.incarnation(seen.incarnation);
    writer.number(seen.number);
  },
  inquire(writer, { number, round }) {
    writer.number(number);
    writer.round(round);
  },
  meet(writer, { incarnation, incarnations, bound }) {
    writer.incarnation(incarnation);
    writer.u8(bound ? 1 : 0);
    writeIncarnations(writer, incarnations);
  },
  founded(writer, { founding, incarnation, committed }) {
    writeFounding(writer, founding);
    writeOptionalIncarnation(writer, incarnation);
    writer.varint(committed);
  },
  rejoin(writer, { node, incarnation, replaces, attempt }) {
    writer.nodeInfo(node);
    writer.incarnation(incarnation);
    writeOptionalIncarnation(writer, replaces);
    writer.round(attempt);
  },
  channel(writer, { channel, bytes }) {
    writer.text(channel, channelBytesMax);
    writer.block(bytes);
  },
};

function encodeAcceptance(writer: ByteWriter, message: AcceptanceMessage): void {
  const { from, to, data } = message;
  writer.number(message.number);
  writer.incarnation(message.incarnation);
  writer.round(from);
  checkRun(from, to - from + 1);
  writer.round(to);
  writer.varint(message.committed);
  writer.count(data.length);
  for (const block of data) writer.block(block);
}
