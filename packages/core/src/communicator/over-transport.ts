import type { Communicator, CommunicatorTrouble, Message, NodeInfo, Transport } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import { ByteReader, MalformedError } from './byte-reader.ts';
import { decodeMessage } from './decode-message.ts';
import { checksumBytes, clusterBytesMax, frameHead, messagesMax, openFrame } from './frame.ts';
import { Intern } from './intern.ts';
import { frameBytesMin, Outbox, type OutboxFrames } from './outbox.ts';
import { Reassembly } from './reassembly.ts';
import { TroubleCounter } from './trouble-counter.ts';
import { encodeUtf8, isWellFormed } from './utf8.ts';

/** How to speak over a transport. */
export interface OverTransportOptions {
  /** The name of the cluster: 1 to 255 bytes of UTF-8. Frames of another one are refused. */
  readonly cluster: string;
  /** The longest message that is sent or taken, in bytes. Default: 64 MiB. */
  readonly messageBytesMax?: number;
  /**
   * How many bytes of incomplete messages, which are longer than a frame, are kept for all senders together; at least three
   * times `messageBytesMax`. Default: four times.
   */
  readonly reassemblyBytesMax?: number;
  /** When the messages of a turn leave. Default: `queueMicrotask`, which is after the synchronous step that sent them. */
  readonly defer?: (flush: () => void) => void;
}

/**
 * Makes a communicator out of any transport: a binary codec, an envelope with cluster, sender and checksum, one frame for all
 * messages of a turn to the same receivers, and chunks for what is longer than a frame.
 *
 * What a peer sends is copied once, checked whole, and refused with a `refused` trouble where it is not as it must be; it never
 * makes this throw. Messages to one set of receivers keep their order; those to different sets may overtake one another.
 */
export function overTransport(transport: Transport, options: OverTransportOptions): Communicator {
  return new TransportCommunicator(transport, options);
}

/** Outboxes kept for the next turn. */
const idleOutboxesMax = 16;

class TransportCommunicator implements Communicator {
  readonly #transport: Transport;
  readonly #cluster: string;
  readonly #messageBytesMax: number;
  readonly #defer: (flush: () => void) => void;
  readonly #reassembly: Reassembly;
  readonly #listeners: ((trouble: CommunicatorTrouble) => void)[] = [];
  readonly #troubles: TroubleCounter;
  readonly #frameReader: ByteReader;
  readonly #messageReader: ByteReader;
  readonly #flush: () => void = () => this.#flushNow();
  #self: NodeInfo | undefined;
  #frames: OutboxFrames | undefined;
  #deliver: (sender: NodeInfo, message: Message) => void = () => {};
  #outboxes: Outbox[] = [];
  #idleOutboxes: Outbox[] = [];
  #isFlushDue = false;
  #closing: Promise<void> | undefined;

  constructor(transport: Transport, options: OverTransportOptions) {
    const { cluster, messageBytesMax, reassemblyBytesMax } = checkedOptions(options);
    this.#transport = transport;
    this.#cluster = cluster;
    this.#messageBytesMax = messageBytesMax;
    // A browser's queueMicrotask refuses to be called as a method.
    this.#defer = options.defer ?? ((flush) => queueMicrotask(flush));
    this.#troubles = new TroubleCounter((trouble) => this.#report(trouble));
    this.#reassembly = new Reassembly({ messageBytesMax, reassemblyBytesMax }, (sender) =>
      this.#troubles.count('refused', 'an incomplete message was given up', sender),
    );
    const intern = new Intern();
    this.#frameReader = new ByteReader(undefined, intern);
    this.#messageReader = new ByteReader(undefined, intern);
    transport.onTrouble?.((trouble) => this.#report(trouble));
  }

  async open(self: NodeInfo, deliver: (sender: NodeInfo, message: Message) => void): Promise<void> {
    if (this.#self !== undefined)
      throw new InvalidError('communicator', self.id, 'it has been opened already; make another one');
    const messagesHead = frameHead(this.#cluster, self, 'messages');
    const chunkHead = frameHead(this.#cluster, self, 'chunk');
    const least = frameBytesMin({ messagesHead, chunkHead });
    let sequence = 0;
    this.#self = self;
    this.#deliver = deliver;
    const transport = this.#transport;
    await transport.open(self, (frame) => this.#receive(frame), this.#cluster);
    const { frameBytesMax } = transport;
    if (!(frameBytesMax >= least)) {
      await transport.close();
      throw new InvalidError('frameBytesMax', frameBytesMax, `frames must take at least ${least} bytes`);
    }
    this.#frames = {
      messagesHead,
      chunkHead,
      messageBytesMax: this.#messageBytesMax,
      nextSequence: () => ++sequence,
      // A bus may lower it when it reconnects elsewhere; below the least, the transport drops what is too long.
      get frameBytesMax() {
        return Math.max(least, transport.frameBytesMax);
      },
    };
  }

  send(receivers: readonly NodeInfo[], message: Message): void {
    if (this.#frames === undefined || this.#closing !== undefined) return;
    const others = this.#othersAmong(receivers);
    if (others.length === 0) return;
    try {
      this.#outboxFor(others, this.#frames).add(message);
    } catch (error) {
      this.#troubles.count('dropped', 'a message could not be sent', undefined, `${message.type}: ${String(error)}`);
    }
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#defer(this.#flush);
  }

  onTrouble(listener: (trouble: CommunicatorTrouble) => void): void {
    this.#listeners.push(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#flushNow();
    this.#deliver = () => {};
    await this.#transport.close();
  }

  #othersAmong(receivers: readonly NodeInfo[]): readonly NodeInfo[] {
    const self = (this.#self as NodeInfo).id;
    for (const receiver of receivers) {
      if (receiver.id === self) return receivers.filter(({ id }) => id !== self);
    }
    return receivers;
  }

  #outboxFor(receivers: readonly NodeInfo[], frames: OutboxFrames): Outbox {
    for (const outbox of this.#outboxes) {
      if (outbox.isFor(receivers)) return outbox;
    }
    const outbox = this.#idleOutboxes.pop() ?? new Outbox(frames);
    outbox.address(receivers);
    this.#outboxes.push(outbox);
    return outbox;
  }

  #flushNow(): void {
    this.#isFlushDue = false;
    const outboxes = this.#outboxes;
    this.#outboxes = [];
    for (const outbox of outboxes) {
      for (const frame of outbox.take()) this.#sendFrame(outbox.receivers, frame);
      if (this.#idleOutboxes.length < idleOutboxesMax) this.#idleOutboxes.push(outbox);
    }
  }

  #sendFrame(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    try {
      this.#transport.send(receivers, frame);
    } catch (error) {
      this.#troubles.count('dropped', 'the transport threw', undefined, String(error));
    }
  }

  /** Nothing that a frame holds, and nothing that the node does with it, gets past this to the transport. */
  #receive(frame: Uint8Array): void {
    let peer: string | undefined;
    try {
      const { sender, kind } = openFrame(this.#frameReader, frame, this.#cluster);
      peer = sender.id;
      if (peer === this.#self?.id) throw new MalformedError('it is from this node itself');
      // The transport may use the memory again (H62). Not `slice`, which shares it where the frame is a Buffer.
      const own = new Uint8Array(frame);
      this.#frameReader.open(own, this.#frameReader.at, own.length - checksumBytes);
      if (kind === 'messages') this.#takeMessages(sender, own);
      else this.#takeChunk(sender);
    } catch (error) {
      this.#refuse(error, peer);
    }
  }

  #takeMessages(sender: NodeInfo, own: Uint8Array): void {
    const reader = this.#frameReader;
    const messages: Message[] = [];
    while (reader.remaining > 0) {
      if (messages.length === messagesMax) throw new MalformedError('it holds too many messages');
      const length = reader.u32();
      const start = reader.take(length);
      if (length <= this.#messageBytesMax) this.#decode(sender, own, start, start + length, messages);
      else this.#refuse(new MalformedError('a message is too long'), sender.id);
    }
    this.#hand(sender, messages);
  }

  #takeChunk(sender: NodeInfo): void {
    const reader = this.#frameReader;
    const chunk = {
      sequence: reader.varint(),
      messageBytes: reader.varint(),
      checksum: reader.u32(),
      offset: reader.varint(),
      bytes: reader.raw(reader.remaining),
    };
    const whole = this.#reassembly.add(sender.id, chunk);
    if (whole === undefined) return;
    const messages: Message[] = [];
    this.#decode(sender, whole, 0, whole.length, messages);
    this.#hand(sender, messages);
  }

  /** A malformed message is refused alone: a newer peer may say things that this version does not know. */
  #decode(sender: NodeInfo, bytes: Uint8Array, from: number, to: number, messages: Message[]): void {
    try {
      this.#messageReader.open(bytes, from, to);
      messages.push(decodeMessage(this.#messageReader));
    } catch (error) {
      this.#refuse(error, sender.id);
    }
  }

  #hand(sender: NodeInfo, messages: readonly Message[]): void {
    for (const message of messages) {
      try {
        this.#deliver(sender, message);
      } catch (error) {
        this.#troubles.count('refused', 'the node threw', sender.id, String(error));
      }
    }
  }

  #refuse(error: unknown, peer: string | undefined): void {
    const isExpected = error instanceof MalformedError;
    const reason = isExpected ? `a frame was refused: ${error.message}` : 'a frame was refused';
    this.#troubles.count('refused', reason, peer, isExpected ? undefined : String(error));
  }

  #report(trouble: CommunicatorTrouble): void {
    for (const listener of this.#listeners) {
      try {
        listener(trouble);
      } catch {
        // A listener's own error must not pass for the transport's, nor keep the others from being told.
      }
    }
  }
}

interface CheckedOptions {
  readonly cluster: string;
  readonly messageBytesMax: number;
  readonly reassemblyBytesMax: number;
}

function checkedOptions(options: OverTransportOptions): CheckedOptions {
  const { cluster, messageBytesMax = 64 * 1_024 * 1_024 } = options;
  const { reassemblyBytesMax = 4 * messageBytesMax } = options;
  const isName = typeof cluster === 'string' && isWellFormed(cluster) && cluster.length > 0;
  if (!isName || encodeUtf8(cluster).length > clusterBytesMax) {
    throw new InvalidError('cluster', cluster, `give the cluster a name of 1 to ${clusterBytesMax} bytes`);
  }
  if (!Number.isInteger(messageBytesMax) || messageBytesMax < 1_024 || messageBytesMax > 0xffffffff) {
    throw new InvalidError('messageBytesMax', messageBytesMax, 'give an integer from 1,024 to 2^32 - 1');
  }
  if (!Number.isSafeInteger(reassemblyBytesMax) || reassemblyBytesMax < 3 * messageBytesMax) {
    throw new InvalidError(
      'reassemblyBytesMax',
      reassemblyBytesMax,
      'give an integer of at least 3 times messageBytesMax',
    );
  }
  return { cluster, messageBytesMax, reassemblyBytesMax };
}
