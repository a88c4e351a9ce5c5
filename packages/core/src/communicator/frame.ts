import type { NodeInfo } from '../contracts/index.ts';
import { type ByteReader, MalformedError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { crc32 } from './crc32.ts';

/** The version of frames, and of the messages in them. Frames of another version are refused. */
export const frameVersion = 1;

/** The longest name of a cluster, in bytes. */
export const clusterBytesMax = 255;

/** The bytes of the checksum, which ends a frame. */
export const checksumBytes = 4;

/** The most messages in one frame: a decoded message can take many times the memory of its bytes. */
export const messagesMax = 16_384;

const magic = 0x50;

/** What follows the head of a frame. */
export type FrameKind = 'messages' | 'chunk';
const kinds: readonly FrameKind[] = ['messages', 'chunk'];

/** The head of every frame of a kind that a node sends: magic, version, cluster, sender, kind. */
export function frameHead(cluster: string, sender: NodeInfo, kind: FrameKind): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(magic);
  writer.u8(frameVersion);
  writer.text(cluster, clusterBytesMax);
  writer.nodeInfo(sender);
  writer.u8(kinds.indexOf(kind));
  return writer.copy();
}

/** Puts a frame together out of its head and body, and ends it with the checksum of both. */
export function sealFrame(head: Uint8Array, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(head.length + body.length + checksumBytes);
  frame.set(head, 0);
  frame.set(body, head.length);
  const at = frame.length - checksumBytes;
  const checksum = crc32(frame, 0, at);
  frame[at] = checksum;
  frame[at + 1] = checksum >>> 8;
  frame[at + 2] = checksum >>> 16;
  frame[at + 3] = checksum >>> 24;
  return frame;
}

/** A frame that holds no harm so far: whole, of this cluster and version. Its body starts where the reader is. */
export interface OpenedFrame {
  readonly sender: NodeInfo;
  readonly kind: FrameKind;
}

/**
 * Reads the head of a frame, cheap checks first, and leaves the reader at the start of its body. Throws a `MalformedError`
 * that says what is wrong.
 */
export function openFrame(reader: ByteReader, frame: Uint8Array, cluster: string): OpenedFrame {
  const end = frame.length - checksumBytes;
  if (end < 2 || frame[0] !== magic) throw new MalformedError('it is no frame');
  if (frame[1] !== frameVersion) throw new MalformedError('it is of another version');
  reader.open(frame, 2, end);
  if (reader.text(clusterBytesMax) !== cluster) throw new MalformedError('it is of another cluster');
  const bodyStart = reader.at;
  reader.open(frame, end);
  if (reader.u32() !== crc32(frame, 0, end)) throw new MalformedError('its checksum is wrong');
  reader.open(frame, bodyStart, end);
  const sender = reader.nodeInfo();
  const kind = kinds[reader.u8()];
  if (kind === undefined) throw new MalformedError('it is of an unknown kind');
  return { sender, kind };
}
