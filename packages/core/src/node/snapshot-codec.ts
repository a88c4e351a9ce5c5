import {
  ByteReader,
  ByteWriter,
  clusterBytesMax,
  crc32,
  MalformedError,
  readFounding,
  readIncarnations,
  readMembers,
  readProposals,
  writeFounding,
  writeIncarnations,
  writeMembers,
  writeProposals,
} from '../communicator/index.ts';
import type { CoordNum, Participation } from '../contracts/index.ts';
import { SnapshotError } from '../contracts/index.ts';
import type { Epoch, SnapshotImage } from '../protocol/index.ts';

/** The version of a snapshot's bytes. A newer version of this library reads every older one. */
export const snapshotCodecVersion = 1;

/** "PXS" and a byte that is not text. */
const magic: readonly number[] = [0x50, 0x58, 0x53, 0x97];
const checksumBytes = 4;

/** The fewest bytes of an epoch: its first round, no members, no incarnations. */
const epochBytesMin = 3;

/** Encodes a snapshot: magic, version, image, and a checksum of all that. */
export function encodeSnapshot(image: SnapshotImage): Uint8Array {
  const acceptedBytes = image.accepted.reduce((sum, { entry }) => sum + entry.bytes.length, 0);
  const writer = new ByteWriter(image.state.length + acceptedBytes + 4_096);
  for (const byte of magic) writer.u8(byte);
  writer.u8(snapshotCodecVersion);
  writer.text(image.cluster, clusterBytesMax);
  writer.nodeId(image.node);
  writer.incarnation(image.incarnation);
  writer.varint(image.round);
  writer.u8(image.final ? 1 : 0);
  writeFounding(writer, image.founding);
  writeIncarnations(writer, image.incarnations);
  writer.varint(image.reach);
  writer.count(image.epochs.length);
  for (const epoch of image.epochs) writeEpoch(writer, epoch);
  writeParticipation(writer, image.participation);
  writeOptionalNumber(writer, image.promised);
  writeOptionalNumber(writer, image.greatest);
  writeProposals(writer, image.accepted);
  writer.block(image.state);
  writer.u32(crc32(writer.view()));
  return writer.view();
}

/**
 * Decodes a snapshot; its state and its entries share `bytes`. Throws a `SnapshotError` where they are truncated, damaged, of
 * another version, or no snapshot at all.
 */
export function decodeSnapshot(bytes: Uint8Array): SnapshotImage {
  const end = bytes.length - checksumBytes;
  if (end < magic.length + 1 || magic.some((byte, at) => bytes[at] !== byte)) {
    throw new SnapshotError('these bytes are no snapshot');
  }
  const version = bytes[magic.length];
  if (version !== snapshotCodecVersion) {
    throw new SnapshotError(`the snapshot is of version ${version}; this node reads ${snapshotCodecVersion}`);
  }
  const reader = new ByteReader();
  reader.open(bytes, end);
  if (reader.u32() !== crc32(bytes, 0, end)) throw new SnapshotError('the snapshot is damaged: its checksum is wrong');
  reader.open(bytes, magic.length + 1, end);
  try {
    const image = readImage(reader);
    reader.end();
    return image;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new SnapshotError(`the snapshot is malformed: ${error.message}`, { cause: error });
  }
}

function readImage(reader: ByteReader): SnapshotImage {
  const cluster = reader.text(clusterBytesMax);
  const node = reader.nodeId();
  const incarnation = reader.incarnation();
  const round = reader.varint();
  const final = reader.boolean();
  const founding = readFounding(reader);
  const incarnations = readIncarnations(reader);
  const reach = reader.varint();
  const epochCount = reader.count(epochBytesMin);
  const epochs: Epoch[] = [];
  for (let index = 0; index < epochCount; index++) epochs.push(readEpoch(reader));
  const participation = readParticipation(reader);
  const promised = readOptionalNumber(reader);
  const greatest = readOptionalNumber(reader);
  const accepted = readProposals(reader);
  const state = reader.block();
  return {
    cluster,
    node,
    incarnation,
    round,
    final,
    state,
    founding,
    incarnations,
    reach,
    epochs,
    participation,
    promised,
    greatest,
    accepted,
  };
}

function writeEpoch(writer: ByteWriter, epoch: Epoch): void {
  writer.round(epoch.from);
  writeMembers(writer, epoch.members);
  writeIncarnations(writer, [...epoch.incarnations]);
}

function readEpoch(reader: ByteReader): Epoch {
  return { from: reader.round(), members: readMembers(reader), incarnations: new Map(readIncarnations(reader)) };
}

function writeParticipation(writer: ByteWriter, participation: Participation): void {
  if (participation.type === 'passive') {
    writer.u8(0);
  } else if (participation.type === 'active') {
    writer.u8(1);
  } else {
    writer.u8(2);
    writer.round(participation.from);
  }
}

function readParticipation(reader: ByteReader): Participation {
  switch (reader.u8()) {
    case 0:
      return { type: 'passive' };
    case 1:
      return { type: 'active' };
    case 2:
      return { type: 'partiallyActive', from: reader.round() };
    default:
      throw new MalformedError('a participation is unknown');
  }
}

function writeOptionalNumber(writer: ByteWriter, number: CoordNum | undefined): void {
  writer.u8(number === undefined ? 0 : 1);
  if (number !== undefined) writer.number(number);
}

function readOptionalNumber(reader: ByteReader): CoordNum | undefined {
  return reader.boolean() ? reader.number() : undefined;
}
