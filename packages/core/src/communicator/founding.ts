import type { Founding, Memories, MemoryId, NodeId, NodeInfo } from '../contracts/index.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

export function writeMemories(writer: ByteWriter, memories: Memories): void {
  writer.count(memories.length);
  for (const [node, memory] of memories) {
    writer.nodeId(node);
    writer.memory(memory);
  }
}

export function readMemories(reader: ByteReader): Memories {
  const count = reader.count(18);
  const memories: [NodeId, MemoryId][] = [];
  for (let index = 0; index < count; index++) memories.push([reader.nodeId(), reader.memory()]);
  return memories;
}

export function writeOptionalMemory(writer: ByteWriter, memory: MemoryId | undefined): void {
  writer.u8(memory === undefined ? 0 : 1);
  if (memory !== undefined) writer.memory(memory);
}

export function readOptionalMemory(reader: ByteReader): MemoryId | undefined {
  return reader.boolean() ? reader.memory() : undefined;
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
  writeMemories(writer, founding.memories);
}

export function readFounding(reader: ByteReader): Founding {
  return { members: readMembers(reader), memories: readMemories(reader) };
}
