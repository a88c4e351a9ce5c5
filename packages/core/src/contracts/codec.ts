/**
 * Turns values into bytes and back. `decode(encode(value))` equals `value`; equal values give equal bytes on every node.
 *
 * Both throw on what they cannot handle; `decode` must be safe to call with any bytes.
 */
export interface Codec<T = unknown> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}
