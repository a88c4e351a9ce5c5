import type { AppendErrorCode } from '@paxakos/core/contracts';
import { ByteWriter } from './byte-writer.ts';
import type { AnswerItem, AppendItem, Message, RequestItem, WireError, WireRefusal } from './message.ts';

/** The version of what follows; it goes first in every message. */
export const wireVersion = 1;

/** The kinds of messages and items, each by its place in its list. Never change an order: add at the end. */
export const messageTypes = ['hello', 'welcome', 'requests', 'answers', 'unknownSession'] as const;
export const requestTypes = ['append', 'again', 'cancel'] as const;
export const answerTypes = ['committed', 'failed', 'missing', 'forgotten'] as const;
export const leaderships = ['acquire', 'require', 'check'] as const;
export const errorCodes: readonly (AppendErrorCode | 'PAXAKOS_INVALID')[] = [
  'PAXAKOS_CONVERGED',
  'PAXAKOS_LOST',
  'PAXAKOS_RAILROADED',
  'PAXAKOS_NO_QUORUM',
  'PAXAKOS_UNACCEPTABLE',
  'PAXAKOS_PASSIVE',
  'PAXAKOS_DISORIENTED',
  'PAXAKOS_EXILED',
  'PAXAKOS_OVERLOADED',
  'PAXAKOS_ABORTED',
  'PAXAKOS_DECORATION',
  'PAXAKOS_SHUT_DOWN',
  'PAXAKOS_INVALID',
];

/** The message as bytes. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(wireVersion);
  writer.u8(messageTypes.indexOf(message.type));
  switch (message.type) {
    case 'hello':
      writer.token(message.nonce);
      break;
    case 'welcome':
      writer.token(message.nonce);
      writer.token(message.session);
      break;
    case 'requests':
      writer.token(message.session);
      writer.int(message.floor);
      for (const item of message.items) writeRequest(writer, item);
      break;
    case 'answers':
      writer.token(message.session);
      for (const item of message.items) writeAnswer(writer, item);
      break;
    case 'unknownSession':
      writer.token(message.session);
      break;
  }
  return writer.done();
}

function writeRequest(writer: ByteWriter, item: RequestItem): void {
  writer.u8(requestTypes.indexOf(item.type));
  writer.int(item.id);
  if (item.type === 'append') writeAppend(writer, item);
}

function writeAppend(writer: ByteWriter, item: AppendItem): void {
  writer.u8(leaderships.indexOf(item.leadership));
  writer.u8(item.mustLead ? 1 : 0);
  // No round is 0.
  writer.int(item.from ?? 0);
  writer.int(item.to ?? 0);
  writer.text(item.entryId);
  writer.block(item.payload);
}

function writeAnswer(writer: ByteWriter, item: AnswerItem): void {
  writer.u8(answerTypes.indexOf(item.type));
  writer.int(item.id);
  if (item.type === 'committed') writer.int(item.round);
  if (item.type === 'failed') writeError(writer, item.error);
}

function writeError(writer: ByteWriter, error: WireError): void {
  writer.u8(errorCodes.indexOf(error.code));
  writer.u8(error.effect === 'none' ? 0 : 1);
  writer.text(error.message);
  writer.text(error.leader ?? '');
  writer.int(error.round ?? 0);
  writer.u8(error.isCaughtUp === true ? 1 : 0);
  writeData(writer, error.data);
  const lists = error.refusals ?? [];
  writer.int(lists.length);
  for (const list of lists) writeRefusals(writer, list);
}

function writeRefusals(writer: ByteWriter, list: readonly WireRefusal[]): void {
  writer.int(list.length);
  for (const { node, data } of list) {
    writer.text(node);
    writeData(writer, data);
  }
}

function writeData(writer: ByteWriter, data: Uint8Array | undefined): void {
  writer.u8(data === undefined ? 0 : 1);
  if (data !== undefined) writer.block(data);
}
