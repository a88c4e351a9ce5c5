/// <reference lib="esnext.disposable" preserve="true" />
import {
  type NodeId,
  type NodeInfo,
  type Transport,
  TransportError,
  type TransportTrouble,
} from '@paxakos/core/contracts';
import type { Redis } from 'ioredis';
import { AddressLists, messageToNobody, readAddressed } from './address-list.ts';
import { Channels } from './channels.ts';
import { Link, type LinkDuties } from './link.ts';
import { Opening } from './opening.ts';
import { type RedisTransportOptions, type Settings, settle } from './options.ts';
import { Publisher } from './publisher.ts';
import { checkServer } from './server-check.ts';
import { type Source, sourceOf } from './source.ts';
import { TroubleReporter } from './trouble-reporter.ts';

/** A transport over Redis. */
export interface RedisTransport extends Transport, AsyncDisposable {}

/**
 * Makes a transport over the channels of a Redis server or, sharded, of a Redis Cluster.
 *
 * A frame to several nodes goes to the server once. What is sent while the server is away is dropped and reported, never kept.
 * Throws an `InvalidError` that names the option; `open` rejects with a `TransportError` that names the setting and the remedy.
 */
export function redisTransport(options: RedisTransportOptions = {}): RedisTransport {
  return new OverRedis(settle(options));
}

class OverRedis implements RedisTransport {
  readonly frameBytesMax: number;
  readonly #settings: Settings;
  readonly #trouble = new TroubleReporter();
  readonly #lists = new AddressLists();
  readonly #aborting = new AbortController();
  #self: NodeId | undefined;
  #channels: Channels | undefined;
  #publisher: Publisher | undefined;
  #subscriber: Link | undefined;
  /** Whether both connections were fit for use when last looked at; undefined until open. */
  #isUp: boolean | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.frameBytesMax = settings.frameBytesMax;
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
    const publisher = this.#publisher;
    const channels = this.#channels;
    if (this.#isUp === undefined || publisher === undefined || channels === undefined) return;
    const ids = this.#othersAmong(receivers);
    if (ids.length === 0) return;
    if (frame.byteLength > this.frameBytesMax) {
      const reason = `a frame of ${frame.byteLength} bytes is larger than frameBytesMax`;
      for (const id of ids) this.#trouble.dropped(id, 1, reason);
      return;
    }
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const list = ids.length === 1 ? undefined : this.#lists.of(ids);
    if (list !== undefined) publisher.publish(channels.all, Buffer.concat([list, bytes]), ids);
    else for (const id of ids) publisher.publish(channels.of(id), bytes, [id]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    const opening = new Opening(this.#settings.openMsMax, this.#aborting.signal);
    try {
      const source = await sourceOf(this.#settings, opening.signal);
      await this.#connect(source, opening, self.id, deliver, cluster);
    } finally {
      opening.end();
    }
    this.#isUp = true;
    this.#onChange();
  }

  async #connect(
    source: Source,
    opening: Opening,
    self: NodeId,
    deliver: (frame: Uint8Array) => void,
    cluster: string,
  ): Promise<void> {
    const { prefix, openMsMax, queueBytesMax } = this.#settings;
    const { options, route, where } = source;
    const channels = new Channels(prefix, cluster, route !== undefined);
    this.#channels = channels;
    this.#self = self;
    const isTls = options.tls !== undefined && options.tls !== null;
    const context = { where, isTls, isSharded: route !== undefined, channels: channels.pattern, openMsMax };
    const duties = {
      onChange: () => {
        opening.check();
        this.#onChange();
      },
      onError: (error: unknown) => opening.fail(error),
    };
    const subscriber = subscriberTo([channels.of(self), channels.all], source, duties);
    this.#subscriber = subscriber;
    this.#receive(subscriber, self, deliver);
    subscriber.connect();
    await opening.until(() => subscriber.downReason === undefined, context);
    const publisher = new Publisher(
      { options, route, bytesMax: queueBytesMax, probe: { channel: channels.all, message: messageToNobody } },
      duties,
      this.#trouble,
    );
    this.#publisher = publisher;
    publisher.link.connect();
    await opening.until(() => publisher.link.downReason === undefined, context);
  }

  #receive({ redis }: Link, self: NodeId, deliver: (frame: Uint8Array) => void): void {
    const name = Buffer.from(self, 'utf8');
    const all = Buffer.from(this.#channels?.all ?? '');
    const hand = (frame: Uint8Array): void => {
      try {
        deliver(frame);
      } catch (error) {
        this.#trouble.dropped(undefined, 1, `the receiver threw: ${String(error)}`);
      }
    };
    const take = (channel: Buffer, message: Buffer): void => {
      if (this.#closing !== undefined) return;
      const addressed = channel.equals(all) ? readAddressed(message, name) : message;
      if (addressed === 'malformed') this.#trouble.dropped(undefined, 1, 'a message that no peer makes');
      else if (addressed !== 'others') hand(addressed);
    };
    redis.on('messageBuffer', take).on('smessageBuffer', take);
  }

  #othersAmong(receivers: readonly NodeInfo[]): readonly NodeId[] {
    const ids = new Set<NodeId>();
    for (const { id } of receivers) if (id !== this.#self) ids.add(id);
    return [...ids];
  }

  /** Tells when one of the connections is lost, and when both are back. */
  #onChange(): void {
    if (this.#isUp === undefined) return;
    const reason = this.#subscriber?.downReason ?? this.#publisher?.link.downReason;
    const isUp = reason === undefined;
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    this.#trouble.report(isUp ? { type: 'reconnected' } : { type: 'disconnected', reason });
  }

  async #close(): Promise<void> {
    this.#aborting.abort();
    await this.#opening?.catch(() => {});
    await this.#release();
    this.#trouble.close();
  }

  async #release(): Promise<void> {
    const publisher = this.#publisher;
    const subscriber = this.#subscriber;
    this.#publisher = undefined;
    this.#subscriber = undefined;
    await Promise.all([publisher?.close(), subscriber?.close()]);
  }
}

function subscriberTo(
  names: string[],
  { options, route, where }: Source,
  duties: Pick<LinkDuties, 'onChange' | 'onError'>,
): Link {
  const subscribe = (redis: Redis) => (route === undefined ? redis.subscribe(...names) : redis.ssubscribe(...names));
  return new Link(options, route, {
    ...duties,
    prepare: async (redis) => {
      await checkServer(redis, where, route !== undefined);
      await subscribe(redis);
    },
    // That the server subscribes it again shows that it still does.
    probe: subscribe,
  });
}
