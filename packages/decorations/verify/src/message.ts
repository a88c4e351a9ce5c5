import type { RoundNum } from '@paxakos/core/contracts';
import type { Digest } from './digest.ts';

/** What nodes say to each other about their states. */
export type Message =
  /** The sender's state has this digest after this round. `asks`: it wants to know that of the receiver. */
  | { readonly type: 'digest'; readonly round: RoundNum; readonly digest: Digest; readonly asks: boolean }
  /** The sender has no digest of this round, and will have none: it has no state, or waits for another one. */
  | { readonly type: 'blank'; readonly round: RoundNum }
  /** Everybody is to look at the state after this round, which is still to come. */
  | { readonly type: 'checkAt'; readonly round: RoundNum }
  /** Whoever leads is to have everybody look at the state soon. */
  | { readonly type: 'wanted' };

/** The version of the messages; those of another one are refused. */
const version = 1;
const types = ['digest', 'blank', 'checkAt', 'wanted'] as const;
const length = 19;

/** Encodes a message. */
export function encodeMessage(message: Message): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  bytes[1] = types.indexOf(message.type);
  if (message.type !== 'wanted') view.setFloat64(2, message.round);
  if (message.type === 'digest') {
    view.setUint32(10, Number.parseInt(message.digest.slice(0, 8), 16));
    view.setUint32(14, Number.parseInt(message.digest.slice(8), 16));
    bytes[18] = message.asks ? 1 : 0;
  }
  return bytes;
}

/** Decodes a message. Throws a RangeError where the bytes are none of this version. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length !== length || bytes[0] !== version)
    throw new RangeError('these bytes are no message of this version');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = types[bytes[1] as number];
  if (type === 'wanted') return { type };
  const round = view.getFloat64(2);
  if (type === undefined || !Number.isSafeInteger(round) || round < 1)
    throw new RangeError('the message makes no sense');
  if (type !== 'digest') return { type, round };
  const digest = [10, 14].map((at) => view.getUint32(at).toString(16).padStart(8, '0')).join('');
  return { type, round, digest, asks: bytes[18] === 1 };
}
