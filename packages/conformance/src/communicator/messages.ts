import type { CoordNum, Message, NodeInfo } from '@paxakos/core';

type Entry = Extract<Message, { readonly type: 'propose' }>['entries'][number];
type Proposal = Extract<Message, { readonly type: 'entries' }>['entries'][number];
type Incarnations = Extract<Message, { readonly type: 'meet' }>['incarnations'];

/** Numbers that follow from a seed. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to below `end`. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  one<T>(...values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  many<T>(countMax: number, make: () => T): T[] {
    return Array.from({ length: this.below(countMax + 1) }, make);
  }
}

/** An entry of version 1: version, kind, length of the id, id, payload. */
export function entryOf(id: string, payload: Uint8Array): Entry {
  const idBytes = new TextEncoder().encode(id);
  const bytes = new Uint8Array(3 + idBytes.length + payload.length);
  bytes.set([1, 0, idBytes.length]);
  bytes.set(idBytes, 3);
  bytes.set(payload, 3 + idBytes.length);
  return { kind: 'application', id: bytes.subarray(3, 3 + idBytes.length), bytes };
}

/** A message that holds an entry with this payload. */
export function proposeMessage(id: string, payload: Uint8Array): Message {
  const number: CoordNum = { counter: 7, node: 'a', incarnation: '00112233445566778899aabbccddeeff' };
  return { type: 'propose', number, from: 1, entries: [entryOf(id, payload)] };
}

/** A message of a few bytes more than those given. */
export function channelMessage(channel: string, bytes: Uint8Array): Message {
  return { type: 'channel', channel, bytes };
}

/** Messages of every type, the same for the same seed. */
export function messagesOf(seed: number): readonly Message[] {
  const dice = new Dice(seed);
  const bytes = () => Uint8Array.from(dice.many(60, () => dice.below(256)));
  const incarnation = () => Array.from({ length: 32 }, () => dice.below(16).toString(16)).join('');
  const maybe = <T>(value: T): T | undefined => dice.one(value, undefined);
  const nodeId = () => dice.one('a', 'b', 'n\u00f6de', '\u{1f600}', 'x'.repeat(255), 'a b*c>');
  const round = () => dice.one(1, 2, 127, 128, 16_384, 2 ** 31, 2 ** 32, 2 ** 53 - 10, 1 + dice.below(1e9));
  const counter = () => dice.one(0, 1, 2 ** 32, 2 ** 53 - 1, dice.below(1e9));
  const number = (): CoordNum => ({ counter: counter(), node: nodeId(), incarnation: incarnation() });
  const info = (): NodeInfo =>
    dice.one({ id: nodeId() }, { id: nodeId(), address: dice.one('', 'tcp://10.0.0.1:1', '\u00e9') });
  const entry = () => entryOf(dice.one('', 'id', 'x'.repeat(100)), bytes());
  const from = round();
  const proposals = (): Proposal[] => {
    const by = number();
    return dice.many(4, entry).map((each, index) => ({ round: from + index, number: by, entry: each }));
  };
  const incarnations = (): Incarnations => dice.many(4, () => [nodeId(), incarnation()] as const);
  const entries = [entry(), ...dice.many(4, entry)];
  return [
    { type: 'prepare', number: number(), from },
    {
      type: 'promise',
      number: number(),
      incarnation: incarnation(),
      from,
      through: from + 4,
      accepted: proposals(),
      committed: from,
    },
    { type: 'supplanted', refused: number(), greatest: number() },
    { type: 'converged', refused: number(), greatest: number(), round: from, committed: counter() },
    { type: 'abstention', number: number(), incarnation: incarnation(), data: bytes() },
    { type: 'propose', number: number(), from, entries },
    {
      type: 'acceptance',
      number: number(),
      incarnation: incarnation(),
      from,
      to: from + 4,
      committed: 0,
      data: dice.many(5, bytes),
    },
    { type: 'rejection', number: number(), incarnation: incarnation(), round: from, data: bytes() },
    { type: 'commit', number: number(), from, ids: entries.map(({ id }) => id) },
    { type: 'entries', entries: proposals(), committed: counter() },
    { type: 'fetch', from, to: from + dice.below(9) },
    { type: 'progress', committed: counter(), retained: from, reply: dice.one(true, false) },
    { type: 'inquire', number: number(), round: from },
    { type: 'meet', incarnation: incarnation(), incarnations: incarnations(), bound: dice.one(true, false) },
    {
      type: 'founded',
      founding: { members: dice.many(4, info), incarnations: incarnations() },
      incarnation: maybe(incarnation()),
      committed: counter(),
    },
    {
      type: 'rejoin',
      node: info(),
      incarnation: incarnation(),
      replaces: maybe(incarnation()),
      attempt: 1 + dice.below(300),
    },
    { type: 'channel', channel: dice.one('delegation', '\u00e9'), bytes: bytes() },
  ];
}

/** The same text for equal messages, whatever the order of their properties; long bytes by a digest. */
export function textOf(message: Message): string {
  return JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return value.length > 256 ? digestOf(value) : Array.from(value).join();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** How many bytes of entries a message holds. */
export function bytesIn(message: Message): number {
  return message.type === 'propose' ? message.entries.reduce((sum, { bytes }) => sum + bytes.length, 0) : 0;
}

/** Two numbers over all bytes, of different make. */
function digestOf(bytes: Uint8Array): string {
  let one = 1;
  let two = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    one = (Math.imul(one, 31) + byte) | 0;
    two = Math.imul(two ^ byte, 0x01000193);
  }
  return `${bytes.length} bytes, ${one >>> 0}, ${two >>> 0}`;
}
