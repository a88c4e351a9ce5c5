import type { Founding, IncarnationId, Incarnations, NodeId, NodeInfo } from '../contracts/index.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

export function writeIncarnations(writer: ByteWriter, incarnations: Incarnations): void {
  writer.count(incarnations.length);
  for (const [node, incarnation] of incarnations) {
    writer.nodeId(node);
    writer.incarnation(incarnation);
  }
}

export function readIncarnations(reader: ByteReader): Incarnations {
  const count = reader.count(18);
  const incarnations: [NodeId, IncarnationId][] = [];
  for (let index = 0; index < count; index++) incarnations.push([reader.nodeId(), reader.incarnation()]);
  return incarnations;
}

export function writeOptionalIncarnation(writer: ByteWriter, incarnation: IncarnationId | undefined): void {
  writer.u8(incarnation === undefined ? 0 : 1);
  if (incarnation !== undefined) writer.incarnation(incarnation);
}

export function readOptionalIncarnation(reader: ByteReader): IncarnationId | undefined {
  return reader.boolean() ? reader.incarnation() : undefined;
}

export function writeMembers(writer: ByteWriter, members: readonly NodeInfo[]): void {
  writer.count(members.length);
  for (const member of members) writer.nodeInfo(member);
}

export function readMembers(reader: ByteReader): NodeInfo[] {
  const count = reader.count(3);
  const members: NodeInfo[] = [];
  for (let index = 0; index < count; index++) members.push(reader.nodeInfo());
  return members;
}

export function writeFounding(writer: ByteWriter, founding: Founding): void {
  writeMembers(writer, founding.members);
  writeIncarnations(writer, founding.incarnations);
}

export function readFounding(reader: ByteReader): Founding {
  return { members: readMembers(reader), incarnations: readIncarnations(reader) };
}
