/// <reference lib="esnext.disposable" preserve="true" />
import {
  type NodeId,
  type NodeInfo,
  type Transport,
  TransportError,
  type TransportTrouble,
} from '@paxakos/core/contracts';
import { AddressLists, listBytesMax, readAddressed } from './address-list.ts';
import type { BusConnection } from './bus-connection.ts';
import { BusWatch } from './bus-watch.ts';
import { connectToServer, discardSocket } from './connect-to-server.ts';
import { Inbox } from './inbox.ts';
import { type NatsTransportOptions, type Settings, settle } from './options.ts';
import { roundTrip } from './round-trip.ts';
import { SendWindow } from './send-window.ts';
import { Subjects } from './subjects.ts';
import { TroubleReporter } from './trouble-reporter.ts';

/** A transport over NATS. */
export interface NatsTransport extends Transport, AsyncDisposable {}

/**
 * Makes a transport over a NATS server, or a cluster of them: one subject a node, and one for frames to several nodes, which are
 * published once.
 *
 * What is sent while there is no connection is dropped and reported, never queued. Throws an `InvalidError` that names the
 * option; `open` rejects with a `TransportError` that names the setting and what to do.
 */
export function natsTransport(options: NatsTransportOptions = {}): NatsTransport {
  return new Nats(settle(options));
}

/** What the server must at least be. */
const serverVersionMin = [2, 2] as const;
/** A message to nobody, which shows whether the server lets this user publish. */
const toNobody: Uint8Array = Uint8Array.of(1, 0);

class Nats implements NatsTransport {
  readonly #settings: Settings;
  readonly #trouble = new TroubleReporter();
  readonly #lists = new AddressLists();
  readonly #aborting = new AbortController();
  #bus: BusConnection | undefined;
  #watch: BusWatch | undefined;
  #window: SendWindow | undefined;
  #self: NodeInfo | undefined;
  #subjects: Subjects | undefined;
  #inbox: Inbox | undefined;
  #payloadBytesMax = 1_048_576;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get frameBytesMax(): number {
    // Between servers there is no limit to be seen: the last one stays.
    this.#payloadBytesMax = this.#bus?.info?.max_payload ?? this.#payloadBytesMax;
    return Math.min(this.#settings.frameBytesMax, Math.max(0, this.#payloadBytesMax - listBytesMax));
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#trouble.listener = listener;
  }

  open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    if (this.#opening !== undefined || this.#closing !== undefined) {
      return Promise.reject(new TransportError('this transport was opened or closed before: make a new one'));
    }
    this.#opening = this.#open(self, deliver, cluster).catch(async (error: unknown) => {
      await this.#release();
      throw error;
    });
    return this.#opening;
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (this.#window === undefined || this.#closing !== undefined) return;
    const ids = this.#othersAmong(receivers);
    const [first] = ids;
    if (first === undefined) return;
    const { frameBytesMax } = this;
    if (frame.byteLength > frameBytesMax) {
      this.#drop(ids, `a frame of ${frame.byteLength} bytes is larger than frameBytesMax, ${frameBytesMax}`);
      return;
    }
    const list = ids.length > 1 ? this.#lists.of(ids) : undefined;
    const { all } = this.#subjects as Subjects;
    if (list !== undefined) this.#publish(all, Buffer.concat([list, frame]), ids);
    else for (const id of ids) this.#publish((this.#subjects as Subjects).of(id), frame, [id]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    const { connection, client, openMsMax, prefix, queueBytesMax } = this.#settings;
    const { signal } = this.#aborting;
    const end = performance.now() + openMsMax;
    const bus = connection ?? (await connectToServer(client, openMsMax, signal));
    this.#bus = bus;
    if (bus.isClosed()) throw new TransportError('connection is closed: give an open one');
    this.#self = self;
    const subjects = new Subjects(prefix, cluster);
    this.#subjects = subjects;
    const watch = new BusWatch(bus, this.#trouble, subjects.base, () => this.#discardOwn(bus));
    this.#watch = watch;
    this.#receive(bus, self, subjects, deliver);
    await roundTrip(bus, () => bus.publish(subjects.all, toNobody), { end, openMsMax, signal });
    checkServer(bus);
    if (watch.refusal !== undefined) {
      throw new TransportError(`${watch.refusal}: allow it to publish and to subscribe to ${subjects.base}.>`);
    }
    watch.isOpen = true;
    this.#window = new SendWindow(bus, queueBytesMax);
  }

  #receive(bus: BusConnection, self: NodeInfo, subjects: Subjects, deliver: (frame: Uint8Array) => void): void {
    const name = Buffer.from(self.id, 'utf8');
    const hand = (frame: Uint8Array): void => {
      try {
        deliver(frame);
      } catch (error) {
        this.#trouble.dropped(undefined, 1, `the receiver threw: ${String(error)}`);
      }
    };
    const isOpen = (): boolean => this.#window !== undefined && this.#closing === undefined;
    this.#inbox = new Inbox(bus);
    this.#inbox.on(subjects.of(self.id), (frame) => isOpen() && hand(frame));
    this.#inbox.on(subjects.all, (message) => {
      if (!isOpen()) return;
      const addressed = readAddressed(message, name);
      if (addressed === 'malformed') this.#trouble.dropped(undefined, 1, 'a message that no peer makes');
      else if (addressed !== 'others') hand(addressed);
    });
  }

  /** A connection that was given is not ours to end. */
  #discardOwn(bus: BusConnection): void {
    if (this.#settings.connection === undefined) discardSocket(bus);
  }

  #othersAmong(receivers: readonly NodeInfo[]): readonly NodeId[] {
    const ids = new Set<NodeId>();
    for (const { id } of receivers) if (id !== this.#self?.id) ids.add(id);
    return [...ids];
  }

  #publish(subject: string, payload: Uint8Array, receivers: readonly NodeId[]): void {
    const reason = this.#watch?.downReason ?? this.#window?.publish(subject, payload);
    if (reason !== undefined) this.#drop(receivers, reason);
  }

  #drop(receivers: readonly NodeId[], reason: string): void {
    for (const id of receivers) this.#trouble.dropped(id, 1, reason);
  }

  async #close(): Promise<void> {
    this.#aborting.abort();
    await this.#opening?.catch(() => {});
    await this.#release();
    this.#trouble.close();
  }

  async #release(): Promise<void> {
    const bus = this.#bus;
    this.#bus = undefined;
    this.#watch?.close();
    if (bus === undefined) return;
    this.#inbox?.close();
    if (this.#settings.connection !== undefined) return;
    await bus.close();
    this.#discardOwn(bus);
  }
}

/** Frames must fit, with room for those of the node itself. */
const payloadBytesMin = 4_096;

function checkServer({ info }: BusConnection): void {
  if (info === undefined) return;
  const { version, max_payload: payloadBytesMax } = info;
  const [major = Number.NaN, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = serverVersionMin;
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    throw new TransportError(
      `the NATS server is of version ${version}, which is too old: run ${majorMin}.${minorMin} or newer`,
    );
  }
  if (payloadBytesMax < payloadBytesMin) {
    throw new TransportError(
      `the NATS server takes only ${payloadBytesMax} bytes a message: set its max_payload to ${payloadBytesMin} or more`,
    );
  }
}
