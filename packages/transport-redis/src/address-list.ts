import type { NodeId } from '@paxakos/core/contracts';

// What stands before a frame that goes to several nodes at once: a version byte, how many they are, and each one's id with
// its length before it. Everyone in the cluster gets it, and who is not listed drops it.

const version = 1;
/** The longest list, in bytes; more receivers get the frame one by one. */
export const listBytesMax = 1_024;
const receiversMax = 255;
const rememberedMax = 64;

/** Every node passes over this one. */
export const messageToNobody: Buffer = Buffer.of(version, 0);

/** Makes lists of receivers, and remembers the last ones. */
export class AddressLists {
  readonly #lists = new Map<string, Uint8Array | undefined>();

  /** The list of these nodes; `undefined` where it would be too long. */
  of(ids: readonly NodeId[]): Uint8Array | undefined {
    const key = JSON.stringify(ids); // an id may hold any character
    if (this.#lists.has(key)) return this.#lists.get(key);
    if (this.#lists.size === rememberedMax) this.#lists.clear();
    const list = encodeList(ids);
    this.#lists.set(key, list);
    return list;
  }
}

function encodeList(ids: readonly NodeId[]): Uint8Array | undefined {
  const names = ids.map((id) => Buffer.from(id, 'utf8'));
  const bytes = names.reduce((sum, name) => sum + 1 + name.length, 2);
  if (bytes > listBytesMax || names.length > receiversMax || names.some(({ length }) => length > 255)) return undefined;
  return Buffer.concat([Buffer.of(version, names.length), ...names.flatMap((name) => [Buffer.of(name.length), name])]);
}

/** What a message to several nodes says to one of them: its frame, that it is not meant, or that no peer made this. */
export type Addressed = Uint8Array | 'others' | 'malformed';

/** Reads a message to several nodes, for the node whose id has these bytes. */
export function readAddressed(message: Uint8Array, self: Buffer): Addressed {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes.length < 2 || bytes[0] !== version) return 'malformed';
  let isMeant = false;
  let at = 2;
  for (let left = bytes[1] as number; left > 0; left -= 1) {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) return 'malformed';
    isMeant ||= length === self.length && bytes.compare(self, 0, length, at + 1, at + 1 + length) === 0;
    at += 1 + length;
  }
  return isMeant ? bytes.subarray(at) : 'others';
}
