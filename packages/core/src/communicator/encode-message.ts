import type { AcceptanceMessage, Message } from '../contracts/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeFounding, writeMemories, writeOptionalMemory } from './founding.ts';
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
  promise(writer, { number, memory, from, through, committed, accepted }) {
    writer.number(number);
    writer.memory(memory);
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
  abstention(writer, { number, memory, data }) {
    writer.number(number);
    writer.memory(memory);
    writer.block(data);
  },
  propose(writer, { number, from, entries }) {
    writer.number(number);
    writer.round(from);
    checkRun(from, entries.length);
    writeEntries(writer, entries);
  },
  acceptance: encodeAcceptance,
  rejection(writer, { number, memory, round, data }) {
    writer.number(number);
    writer.memory(memory);
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
    writer.memory(seen.memory);
    writer.number(seen.number);
  },
  inquire(writer, { number, round }) {
    writer.number(number);
    writer.round(round);
  },
  meet(writer, { memory, memories, bound }) {
    writer.memory(memory);
    writer.u8(bound ? 1 : 0);
    writeMemories(writer, memories);
  },
  founded(writer, { founding, memory, committed }) {
    writeFounding(writer, founding);
    writeOptionalMemory(writer, memory);
    writer.varint(committed);
  },
  rejoin(writer, { node, memory, replaces, attempt }) {
    writer.nodeInfo(node);
    writer.memory(memory);
    writeOptionalMemory(writer, replaces);
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
  writer.memory(message.memory);
  writer.round(from);
  checkRun(from, to - from + 1);
  writer.round(to);
  writer.varint(message.committed);
  writer.count(data.length);
  for (const block of data) writer.block(block);
}
