import { decodeUtf8, encodeUtf8, entryIdBytesMax, isWellFormed, makeEntry, payloadOf } from '../communicator/index.ts';
import type { AnyLogEntry, Codec, Entry } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';

/** Turns the application's entries into entries as they travel and rest, and back. */
export interface EntryCodec {
  /** Throws an `InvalidError` where the entry is not one, and what the codec throws. */
  encode(entry: AnyLogEntry): Entry;
  /** Decodes an entry of kind `application`. Throws an `InvalidError` where it holds none, and what the codec throws. */
  decode(entry: Entry): AnyLogEntry;
}

/** The id goes into the header, where every node can read it; the rest goes through the application's codec. */
export function entryCodec(codec: Codec): EntryCodec {
  return {
    encode(entry) {
      const { id, ...rest } = checked(entry);
      const payload = codec.encode(rest);
      if (!(payload instanceof Uint8Array))
        throw new InvalidError('codec.encode', payload, 'it must give a Uint8Array');
      return makeEntry('application', idBytes(id), payload);
    },
    decode(entry) {
      if (entry.kind !== 'application')
        throw new InvalidError('entry.kind', entry.kind, 'only application entries have a value');
      const rest: unknown = codec.decode(payloadOf(entry));
      if (typeof rest !== 'object' || rest === null) throw new InvalidError('entry', rest, 'an entry is an object');
      return checked({ ...rest, id: decodeUtf8(entry.id) });
    },
  };
}

function checked(entry: unknown): AnyLogEntry {
  if (typeof entry !== 'object' || entry === null) throw new InvalidError('entry', entry, 'an entry is an object');
  const { type } = entry as { readonly type?: unknown };
  if (typeof type !== 'string' || type.length === 0)
    throw new InvalidError('entry.type', type, 'give it a non-empty string');
  return entry as AnyLogEntry;
}

function idBytes(id: unknown): Uint8Array {
  const remedy = `give a string of 1 to ${entryIdBytesMax} bytes that no other entry has, such as crypto.randomUUID()`;
  if (typeof id !== 'string' || id.length === 0 || !isWellFormed(id)) throw new InvalidError('entry.id', id, remedy);
  const bytes = encodeUtf8(id);
  if (bytes.length > entryIdBytesMax) throw new InvalidError('entry.id', id, remedy);
  return bytes;
}
