import { createHash, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { InvalidError } from '@paxakos/core/contracts';

/** A key of 32 random bytes: these, or their text in base64 or hexadecimal. */
export type KeyMaterial = Uint8Array | string;

/** One key, or all that are in use: the first seals, each opens. */
export type AuthenticatedOptions =
  | { readonly key: KeyMaterial; readonly keys?: never }
  | { readonly keys: readonly KeyMaterial[]; readonly key?: never };

const keyBytes = 32;
const keysMax = 16;
const remedy = `give ${keyBytes} bytes, or their base64 or hexadecimal text, as newKey() makes it`;

/** Makes a new cluster key: 32 random bytes in base64. */
export function newKey(): string {
  return randomBytes(keyBytes).toString('base64');
}

/** Checks the keys. Throws an `InvalidError` that names the option, and says of a key no more than its length. */
export function readKeys(options: AuthenticatedOptions): readonly KeyObject[] {
  const { key, keys } = (options ?? {}) as { key?: KeyMaterial; keys?: readonly KeyMaterial[] };
  if (key !== undefined && keys !== undefined)
    throw new InvalidError('keys', lengthOf(keys), 'give either key or keys, not both');
  if (keys === undefined) return [readKey('key', key)];
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > keysMax) {
    throw new InvalidError(
      'keys',
      Array.isArray(keys) ? keys : lengthOf(keys),
      `give 1 to ${keysMax} keys, of which the first seals`,
    );
  }
  const read = keys.map((each, at) => readKey(`keys[${at}]`, each));
  for (const [at, each] of read.entries()) {
    const same = read.findIndex((other) => other.equals(each));
    if (same < at) throw new InvalidError(`keys[${at}]`, `the same as keys[${same}]`, 'give each key once');
  }
  return read;
}

function readKey(option: string, material: KeyMaterial | undefined): KeyObject {
  const bytes = typeof material === 'string' ? bytesOf(material) : material;
  if (bytes instanceof Uint8Array && bytes.byteLength === keyBytes) return createSecretKey(bytes);
  throw new InvalidError(option, lengthOf(material), remedy);
}

function bytesOf(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** Not the value: a secret must not get into a log. */
function lengthOf(material: unknown): unknown {
  if (typeof material === 'string') return `a text of ${material.length} characters`;
  return material instanceof Uint8Array ? `an array of ${material.byteLength} bytes` : undefined;
}

/** A cluster key as one cluster uses it: nothing that follows from it is the same in a cluster of another name. */
export class ClusterKey {
  /** Tells, in 32 bits, which key a frame was sealed with. */
  readonly id: number;
  readonly #key: KeyObject;
  readonly #cluster: Uint8Array;

  constructor(key: KeyObject, cluster: string) {
    this.#key = key;
    this.#cluster = createHash('sha256').update(cluster).digest();
    this.id = this.#derive('id', '', 4).readUInt32BE();
  }

  /** The key that one session seals with. */
  ofSession(session: Uint8Array): KeyObject {
    const derived = this.#derive('session', session, keyBytes);
    const key = createSecretKey(derived);
    derived.fill(0);
    return key;
  }

  #derive(purpose: string, salt: Uint8Array | string, length: number): Buffer {
    const info = Buffer.concat([Buffer.from(`paxakos authenticated 1 ${purpose}\0`), this.#cluster]);
    return Buffer.from(hkdfSync('sha256', this.#key, salt, info, length));
  }
}
