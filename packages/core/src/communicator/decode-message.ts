import type { AcceptanceMessage, Message, ProgressMessage, PromiseMessage } from '../contracts/index.ts';
import { type ByteReader, MalformedError } from './byte-reader.ts';
import { channelBytesMax } from './encode-message.ts';
import { readFounding, readIncarnations, readOptionalIncarnation } from './founding.ts';
import { messageCodes } from './message-codes.ts';
import { readEntries, readIds, readProposals } from './proposals.ts';
import { checkRun } from './runs.ts';

/** Reads one message, to the end of the reader. Throws a `MalformedError` on anything else than one whole, valid message. */
export function decodeMessage(reader: ByteReader): Message {
  const decoder = decoders[reader.u8()];
  if (decoder === undefined) throw new MalformedError('a message is of an unknown type');
  const message = decoder(reader);
  reader.end();
  return message;
}

type Decoder<M extends Message = Message> = (reader: ByteReader) => M;

// Property values are read in the order in which they are written here.
const decodersByType: { readonly [Type in Message['type']]: Decoder<Extract<Message, { readonly type: Type }>> } = {
  prepare: (reader) => ({ type: 'prepare', number: reader.number(), from: reader.round() }),
  promise: decodePromise,
  supplanted: (reader) => ({ type: 'supplanted', refused: reader.number(), greatest: reader.number() }),
  converged: (reader) => ({
    type: 'converged',
    refused: reader.number(),
    greatest: reader.number(),
    round: reader.round(),
    committed: reader.varint(),
  }),
  abstention: (reader) => ({
    type: 'abstention',
    number: reader.number(),
    incarnation: reader.incarnation(),
    data: reader.block(),
  }),
  propose: (reader) => {
    const number = reader.number();
    const from = reader.round();
    const entries = readEntries(reader);
    checkRun(from, entries.length);
    return { type: 'propose', number, from, entries };
  },
  acceptance: decodeAcceptance,
  rejection: (reader) => ({
    type: 'rejection',
    number: reader.number(),
    incarnation: reader.incarnation(),
    round: reader.round(),
    data: reader.block(),
  }),
  commit: (reader) => {
    const number = reader.number();
    const from = reader.round();
    const ids = readIds(reader);
    checkRun(from, ids.length);
    return { type: 'commit', number, from, ids };
  },
  entries: (reader) => ({ type: 'entries', entries: readProposals(reader), committed: reader.varint() }),
  fetch: (reader) => {
    const from = reader.round();
    const to = reader.round();
    checkRun(from, to - from + 1);
    return { type: 'fetch', from, to };
  },
  progress: readProgress,
  inquire: (reader) => ({ type: 'inquire', number: reader.number(), round: reader.round() }),
  meet: (reader) => ({
    type: 'meet',
    incarnation: reader.incarnation(),
    bound: reader.boolean(),
    incarnations: readIncarnations(reader),
  }),
  founded: (reader) => ({
    type: 'founded',
    founding: readFounding(reader),
    incarnation: readOptionalIncarnation(reader),
    committed: reader.varint(),
  }),
  rejoin: (reader) => ({
    type: 'rejoin',
    node: reader.nodeInfo(),
    incarnation: reader.incarnation(),
    replaces: readOptionalIncarnation(reader),
    attempt: reader.round(),
  }),
  channel: (reader) => ({ type: 'channel', channel: reader.text(channelBytesMax), bytes: reader.block() }),
};

const decoders: (Decoder | undefined)[] = [];
for (const type of Object.keys(messageCodes) as Message['type'][]) decoders[messageCodes[type]] = decodersByType[type];

function decodePromise(reader: ByteReader): PromiseMessage {
  const number = reader.number();
  const incarnation = reader.incarnation();
  const from = reader.round();
  const through = reader.round();
  checkRun(from, through - from + 1);
  const committed = reader.varint();
  const accepted = readProposals(reader);
  for (const { round } of accepted) {
    if (round < from || round > through) throw new MalformedError('a proposal lies outside of its promise');
  }
  return { type: 'promise', number, incarnation, from, through, accepted, committed };
}

function decodeAcceptance(reader: ByteReader): AcceptanceMessage {
  const number = reader.number();
  const incarnation = reader.incarnation();
  const from = reader.round();
  const to = reader.round();
  checkRun(from, to - from + 1);
  const committed = reader.varint();
  const count = reader.count(1);
  if (count > to - from + 1) throw new MalformedError('an acceptance has more data than rounds');
  const data: Uint8Array[] = [];
  for (let index = 0; index < count; index++) data.push(reader.block());
  return { type: 'acceptance', number, incarnation, from, to, committed, data };
}

function readProgress(reader: ByteReader): ProgressMessage {
  const committed = reader.varint();
  const retained = reader.round();
  const flags = reader.u8();
  if (flags > 3) throw new MalformedError('a progress message has an unknown flag');
  const progress = { type: 'progress', committed, retained, reply: flags % 2 === 1 } as const;
  return flags < 2 ? progress : { ...progress, seen: { incarnation: reader.incarnation(), number: reader.number() } };
}
