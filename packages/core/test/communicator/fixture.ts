import { encodeUtf8, makeEntry, type OverTransportOptions, overTransport } from '../../src/communicator/index.ts';
import type { Communicator, CommunicatorTrouble, Message, NodeInfo } from '../../src/contracts/index.ts';
import { number } from './samples.ts';
import { Wire } from './wire.ts';

export const a: NodeInfo = { id: 'a' };
export const b: NodeInfo = { id: 'b', address: 'tcp://10.0.0.2:7000' };
export const c: NodeInfo = { id: 'c' };

export interface Peer {
  readonly wire: Wire;
  readonly communicator: Communicator;
  readonly received: (readonly [NodeInfo, Message])[];
  readonly troubles: CommunicatorTrouble[];
  /** Sends messages to `b`, and gives the frames. */
  framesOf(...messages: Message[]): Promise<Uint8Array[]>;
}

/** A communicator on a wire. */
export async function openPeer(
  self: NodeInfo,
  options: Partial<OverTransportOptions> = {},
  frameBytesMax?: number,
): Promise<Peer> {
  const wire = new Wire(frameBytesMax);
  const communicator = overTransport(wire, { cluster: 'test', ...options });
  const received: (readonly [NodeInfo, Message])[] = [];
  const troubles: CommunicatorTrouble[] = [];
  communicator.onTrouble((trouble) => troubles.push(trouble));
  await communicator.open(self, (sender, message) => received.push([sender, message]));
  return {
    wire,
    communicator,
    received,
    troubles,
    async framesOf(...messages) {
      for (const message of messages) communicator.send([self.id === 'b' ? a : b], message);
      await turn();
      return wire.sent.splice(0).map(({ frame }) => frame);
    },
  };
}

/** Lets the microtasks that are due have their turn. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A message of about this many bytes, told apart by `fill`. */
export function longMessage(bytes: number, fill = 1): Message {
  return {
    type: 'propose',
    number,
    from: 1,
    entries: [makeEntry('application', encodeUtf8('long'), new Uint8Array(bytes).fill(fill))],
  };
}

/** The same text for equal messages, whatever the order of their properties. */
export function textOf(message: Message): string {
  return JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
