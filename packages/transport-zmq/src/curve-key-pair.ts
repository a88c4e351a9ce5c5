import { curveKeyPair as newKeyPair } from 'zeromq';

/** A CURVE key pair, both in Z85: 40 characters each. */
export interface CurveKeyPair {
  readonly publicKey: string;
  /** Only for the node that it belongs to. */
  readonly secretKey: string;
}

/** Makes a new random CURVE key pair for one node. */
export function curveKeyPair(): CurveKeyPair {
  return newKeyPair();
}

const z85Characters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const keyPattern = /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

/** Whether a value has the form of a CURVE key in Z85. */
export function isCurveKey(value: unknown): value is string {
  return typeof value === 'string' && keyPattern.test(value);
}

/** Z85 of raw bytes, whose number is a multiple of 4. */
export function toZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const word = view.getUint32(at);
    for (let divisor = 85 ** 4; divisor >= 1; divisor /= 85) text += z85Characters[Math.floor(word / divisor) % 85];
  }
  return text;
}
