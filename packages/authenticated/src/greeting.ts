import type { NodeId, NodeInfo } from '@paxakos/core/contracts';

/** How long a challenge is. */
export const challengeBytes = 16;

/** What two nodes tell one another so that each knows that the other one runs. */
export interface Greeting {
  readonly from: NodeInfo;
  readonly to: NodeId;
  /** A challenge for the receiver to send back. */
  readonly ask?: Uint8Array;
  /** The challenge of the receiver. */
  readonly answer?: Uint8Array;
}

const flags = { ask: 1, answer: 2, address: 4 };

/** Flags, the challenges that there are, and then the sender, the receiver and the address, each after its length in 16 bits. */
export function encodeGreeting({ from, to, ask, answer }: Greeting): Uint8Array {
  const { id, address } = from;
  const has = (ask ? flags.ask : 0) | (answer ? flags.answer : 0) | (address === undefined ? 0 : flags.address);
  const texts = [id, to, ...(address === undefined ? [] : [address])].map((text) => Buffer.from(text));
  const parts = texts.flatMap((text) => [Uint8Array.of(text.length >>> 8, text.length), text]);
  return Buffer.concat([Uint8Array.of(has), ask ?? new Uint8Array(), answer ?? new Uint8Array(), ...parts]);
}

/** Gives nothing where the bytes are no greeting. */
export function decodeGreeting(bytes: Uint8Array): Greeting | undefined {
  const has = bytes[0] ?? 0;
  let at = 1;
  const take = (length: number): Buffer => {
    const taken = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(at, at + length);
    at += length;
    return taken;
  };
  const text = (): string => take(take(2).reduce((length, byte) => length * 256 + byte, 0)).toString();
  const ask = (has & flags.ask) === 0 ? {} : { ask: take(challengeBytes) };
  const answer = (has & flags.answer) === 0 ? {} : { answer: take(challengeBytes) };
  const from = { id: text() };
  const to = text();
  const address = (has & flags.address) === 0 ? {} : { address: text() };
  // Whatever was too short has taken more than there is.
  return at === bytes.byteLength ? { from: { ...from, ...address }, to, ...ask, ...answer } : undefined;
}
