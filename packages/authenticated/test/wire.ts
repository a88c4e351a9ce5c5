// A bus in memory that records what each node sends, and brings nodes what it is told to.
import type { NodeId, NodeInfo, Transport, TransportTrouble } from '@paxakos/core/contracts';
import { type MemoryNetwork, memoryNetwork } from '@paxakos/core/memory';
import { readKeys } from '../src/cluster-key.ts';
import type { AuthenticatedTransport } from '../src/index.ts';
import { SealedTransport, type Surroundings } from '../src/sealed-transport.ts';

/** A frame as it was on the bus. */
export interface Sent {
  readonly from: NodeId;
  readonly to: readonly NodeId[];
  readonly bytes: Uint8Array;
}

/** An open node over the wire. */
export interface Peer {
  readonly info: NodeInfo;
  readonly transport: AuthenticatedTransport;
  readonly frames: string[];
  readonly troubles: TransportTrouble[];
  /** Brings bytes as if they came from the bus. */
  inject(bytes: Uint8Array): void;
}

/** What a node of a wire may do without. */
export interface PeerOptions extends Partial<Surroundings> {
  readonly keys?: readonly string[];
  readonly cluster?: string;
}

export const key: string = '01'.padStart(64, '0');
export const otherKey: string = '02'.padStart(64, '0');

export class Wire {
  readonly network: MemoryNetwork = memoryNetwork();
  readonly sent: Sent[] = [];
  /** Whether a frame gets through. */
  passes: (sent: Sent) => boolean = () => true;
  /** In ms, and as all of its nodes see it. */
  now = 0;
  readonly #opened: Transport[] = [];

  async open(id: NodeId, { keys = [key], cluster = 'main', ...surroundings }: PeerOptions = {}): Promise<Peer> {
    const inner = this.network.transport(id);
    let inject = (_bytes: Uint8Array): void => {};
    const tapped: Transport = {
      get frameBytesMax() {
        return inner.frameBytesMax;
      },
      open: (self, deliver, name) => {
        inject = deliver;
        return inner.open(self, deliver, name);
      },
      send: (receivers, bytes) => {
        const sent = { from: id, to: receivers.map((receiver) => receiver.id), bytes: Uint8Array.from(bytes) };
        this.sent.push(sent);
        if (this.passes(sent)) inner.send(receivers, bytes);
      },
      onTrouble: (listener) => inner.onTrouble?.(listener),
      close: () => inner.close(),
    };
    const transport = new SealedTransport(tapped, readKeys({ keys }), {
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      now: () => this.now,
      sessionFramesMax: 2 ** 40,
      ...surroundings,
    });
    const peer: Peer = { info: { id }, transport, frames: [], troubles: [], inject: (bytes) => inject(bytes) };
    transport.onTrouble((trouble) => peer.troubles.push(trouble));
    await transport.open(peer.info, (frame) => peer.frames.push(Buffer.from(frame).toString()), cluster);
    this.#opened.push(transport);
    return peer;
  }

  /** What was put on the bus since it held so many frames, data or greetings only. */
  since(count: number, kind: 'data' | 'greeting'): readonly Sent[] {
    return this.sent.slice(count).filter(({ bytes }) => bytes[0] === (kind === 'data' ? 0x11 : 0x12));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((transport) => transport.close()));
  }
}

/** Sends a text. */
export function say(from: Peer, text: string, ...to: readonly Peer[]): void {
  from.transport.send(
    to.map(({ info }) => info),
    Buffer.from(text),
  );
}

/** Until all that is on its way has arrived, and what that caused. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Two nodes that have met. */
export async function met(wire: Wire): Promise<readonly [Peer, Peer]> {
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  say(a, 'hello', b);
  say(b, 'hello', a);
  await settled();
  a.frames.length = 0;
  b.frames.length = 0;
  return [a, b];
}
