/// <reference lib="esnext.disposable" preserve="true" />
import { setImmediate as nextTurn } from 'node:timers/promises';
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
import { connectToServer } from './connect-to-server.ts';
import { type NatsTransportOptions, type Settings, settle } from './options.ts';
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
  #subscriptions: { unsubscribe(): void }[] = [];
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
    const bus = connection ?? (await connectToServer(client, openMsMax, signal));
    this.#bus = bus;
    if (bus.isClosed()) throw new TransportError('the given connection is closed: give an open one');
    this.#watch = new BusWatch(bus, this.#trouble);
    checkVersion(bus);
    this.#self = self;
    const subjects = new Subjects(prefix, cluster);
    this.#subjects = subjects;
    const refused = this.#subscribe(bus, self, subjects, deliver);
    bus.publish(subjects.all, toNobody);
    await answered(bus, openMsMax, signal);
    await nextTurn(); // what the server refused, it told before it answered
    const violation = refused() ?? this.#watch.permissionError;
    if (violation !== undefined) {
      throw new TransportError(
        `the NATS server does not let this user use the subjects: ${violation.message}; allow it to publish and to subscribe to ${subjects.base}.>`,
        { cause: violation },
      );
    }
    if (signal.aborted) throw new TransportError('the transport was closed while it opened');
    this.#watch.isOpen = true;
    this.#window = new SendWindow(bus, queueBytesMax);
  }

  #subscribe(
    bus: BusConnection,
    self: NodeInfo,
    subjects: Subjects,
    deliver: (frame: Uint8Array) => void,
  ): () => Error | undefined {
    const name = Buffer.from(self.id, 'utf8');
    let refusal: Error | undefined;
    const on = (subject: string, take: (data: Uint8Array) => void) => {
      const callback = (error: Error | null, message: { readonly data: Uint8Array }): void => {
        if (error !== null) refusal ??= error;
        else if (this.#closing === undefined) take(message.data);
      };
      this.#subscriptions.push(bus.subscribe(subject, { callback }));
    };
    const hand = (frame: Uint8Array): void => {
      try {
        deliver(frame);
      } catch (error) {
        this.#trouble.dropped(undefined, 1, `the receiver threw: ${String(error)}`);
      }
    };
    on(subjects.of(self.id), hand);
    on(subjects.all, (message) => {
      const addressed = readAddressed(message, name);
      if (addressed === 'malformed') this.#trouble.dropped(undefined, 1, 'a message that no peer makes');
      else if (addressed !== 'others') hand(addressed);
    });
    return () => refusal;
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
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
    if (this.#settings.connection === undefined) await bus?.close();
  }
}

function checkVersion({ info }: BusConnection): void {
  const [major = 0, minor = 0] = (info?.version ?? '').split('.').map(Number);
  const [majorMin, minorMin] = serverVersionMin;
  if (info === undefined || major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new TransportError(
    `the NATS server is of version ${info.version}, which is too old: run ${majorMin}.${minorMin} or newer`,
  );
}

/** Resolves when the server has answered. */
async function answered(bus: BusConnection, timeMsMax: number, signal: AbortSignal): Promise<void> {
  const flushed = bus.flush();
  const late = nextTimeout(timeMsMax, signal);
  try {
    await Promise.race([flushed, late.promise]);
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    throw new TransportError('the connection to the NATS server broke while the transport opened: try again', {
      cause,
    });
  } finally {
    late.cancel();
    flushed.catch(() => {});
  }
}

function nextTimeout(timeMs: number, signal: AbortSignal): { readonly promise: Promise<never>; cancel(): void } {
  let cancel = () => {};
  const promise = new Promise<never>((_, reject) => {
    const abort = () => reject(new TransportError('the transport was closed while it opened'));
    const timer = setTimeout(
      () => reject(new TransportError(`the NATS server did not answer within openMsMax, ${timeMs} ms`)),
      timeMs,
    );
    signal.addEventListener('abort', abort, { once: true });
    cancel = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    if (signal.aborted) abort();
  });
  promise.catch(() => {});
  return { promise, cancel };
}
