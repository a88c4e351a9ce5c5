import { decodeUtf8, encodeUtf8 } from '../communicator/index.ts';
import type { Codec } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** The only key of an object that stands for bytes; a key of the user's that looks like it gets one more `$` on the way. */
const bytesKey = '$bytes';
const likeBytesKey = /^\$+bytes$/;
const likeEscapedKey = /^\$\$+bytes$/;

/** Deeper values are refused, long before the stack ends. */
const depthMax = 500;

/**
 * JSON with `Uint8Array` support: the default codec.
 *
 * It takes what comes back as it was: null, booleans, finite numbers, strings, bytes, arrays, and plain objects of these. All
 * else throws an `InvalidError` that names the place, and so do the key `__proto__` and more than 500 levels. Keys keep the order
 * that the object has; build equal values alike where equal bytes matter. Decoding drops a key `__proto__` that others wrote.
 */
export const jsonCodec: Codec<unknown> = {
  encode(value) {
    const path: (string | number)[] = [];
    const plain = escaped(value, path);
    return encodeUtf8(JSON.stringify(plain));
  },
  decode(bytes) {
    const text = decodeUtf8(bytes);
    const value: unknown = JSON.parse(text);
    return mayHoldSpecialKeys(text) ? restored(value, 0) : value;
  },
};

/** Most texts hold none of these, and are done when they are parsed. A key can also be written with escapes. */
function mayHoldSpecialKeys(text: string): boolean {
  return text.includes(bytesKey) || text.includes('__proto__') || text.includes('\\u00');
}

/** The value with bytes and look-alike keys replaced; itself where there are none. `path` leads to it. */
function escaped(value: unknown, path: (string | number)[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw refused(value, path, 'JSON has no such number; use null or a string');
    case 'object':
      if (value === null) return value;
      if (path.length >= depthMax) throw refused(value, path, `it is nested deeper than ${depthMax} levels`);
      if (isBytes(value)) return { [bytesKey]: toBase64(value) };
      return Array.isArray(value) ? escapedArray(value, path) : escapedObject(value, path);
    case 'undefined':
      throw refused(value, path, 'leave the property out, or use null');
    case 'bigint':
      throw refused(value, path, 'JSON has no such number; use a string');
    default:
      throw refused(value, path, 'only data can be encoded');
  }
}

function escapedArray(array: readonly unknown[], path: (string | number)[]): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < array.length; index++) {
    const item = array[index];
    if (isLeaf(item)) continue;
    path.push(index);
    const plain = escaped(item, path);
    path.pop();
    if (plain === item) continue;
    copy ??= array.slice();
    copy[index] = plain;
  }
  return copy ?? array;
}

function escapedObject(object: object, path: (string | number)[]): unknown {
  if (!isPlain(object)) throw refused(object, path, 'only plain objects, arrays and Uint8Array come back as they were');
  const properties = object as Readonly<Record<string, unknown>>;
  let changes: Map<string, [string, unknown]> | undefined;
  for (const key in properties) {
    if (!Object.hasOwn(properties, key)) continue;
    const item = properties[key];
    const isSpecial = key.startsWith('$') || key === '__proto__';
    if (isLeaf(item) && !isSpecial) continue;
    path.push(key);
    if (key === '__proto__') throw refused(item, path, 'this key is not safe to decode; rename it');
    const plain = escaped(item, path);
    path.pop();
    const plainKey = likeBytesKey.test(key) ? `$${key}` : key;
    if (plain === item && plainKey === key) continue;
    changes ??= new Map();
    changes.set(key, [plainKey, plain]);
  }
  if (changes === undefined) return object;
  return Object.fromEntries(Object.entries(properties).map((property) => changes.get(property[0]) ?? property));
}

/** What is encoded as it is, with nothing in it to be looked at. */
function isLeaf(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value === null ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function restored(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= depthMax) throw new InvalidError('encoded value', value, `it is nested deeper than ${depthMax} levels`);
  if (Array.isArray(value)) return value.map((item: unknown) => restored(item, depth + 1));
  const keys = Object.keys(value);
  const properties: [string, unknown][] = [];
  for (const key of keys) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    if (key === bytesKey) {
      if (keys.length > 1 || typeof item !== 'string')
        throw new InvalidError(bytesKey, item, 'it is not base64 on its own');
      return fromBase64(item);
    }
    if (key === '__proto__') continue;
    properties.push([likeEscapedKey.test(key) ? key.slice(1) : key, restored(item, depth + 1)]);
  }
  return Object.fromEntries(properties);
}

/** Also across realms, where `instanceof` does not tell. A Node Buffer is one, and comes back as a plain `Uint8Array`. */
function isBytes(value: object): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function refused(value: unknown, path: readonly (string | number)[], remedy: string): InvalidError {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return new InvalidError(`value${place}`, value, remedy);
}
