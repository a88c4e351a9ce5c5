import type { NodeId } from '@paxakos/core/contracts';
import type { Redis, RedisOptions } from 'ioredis';
import { Link, type LinkDuties } from './link.ts';
import type { Route } from './route.ts';
import { serverWords } from './server-words.ts';
import type { TroubleReporter } from './trouble-reporter.ts';

/** What a message costs in memory beside its own bytes, about. */
const overheadBytes = 512;
/** The least that a connection is expected to carry. In bytes a second. */
const bytesPerSecondMin = 1024 * 1024;

/** The connection that frames leave by. What the server has not answered yet is bounded. */
export class Publisher {
  readonly link: Link;
  readonly #isSharded: boolean;
  readonly #bytesMax: number;
  readonly #trouble: TroubleReporter;
  /** The sizes of messages that the server has not answered, the oldest first. */
  readonly #unanswered = new Set<{ readonly bytes: number }>();
  #bytes = 0;
  #isCorked = false;
  #isClosed = false;

  constructor(
    { options, route, bytesMax, probe }: PublisherSetup,
    duties: Pick<LinkDuties, 'onChange' | 'onError'>,
    trouble: TroubleReporter,
  ) {
    this.#isSharded = route !== undefined;
    this.#bytesMax = bytesMax;
    this.#trouble = trouble;
    this.link = new Link(options, route, {
      ...duties,
      prepare: (redis) => this.#send(redis, probe.channel, probe.message),
      probe: (redis) => redis.ping(),
      patience: () => this.#oldestBytes / bytesPerSecondMin,
    });
  }

  get #oldestBytes(): number {
    for (const { bytes } of this.#unanswered) return bytes;
    return 0;
  }

  /** Publishes a message for these nodes, or reports it as dropped. Never throws. */
  publish(channel: string, message: Buffer, ids: readonly NodeId[]): void {
    const { link } = this;
    if (link.downReason !== undefined) {
      this.#drop(ids, link.downReason);
      return;
    }
    const bytes = message.length + overheadBytes;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      this.#drop(ids, 'the Redis server does not keep up');
      return;
    }
    const pending = { bytes };
    this.#unanswered.add(pending);
    this.#bytes += bytes;
    this.#cork();
    this.#send(link.redis, channel, message).then(
      (subscribers) => {
        this.#settle(pending);
        // Of a message to several nodes the number does not tell who is absent.
        if (subscribers === 0 && ids.length === 1) this.#drop(ids, 'no such node listens');
      },
      (error: Error) => {
        this.#settle(pending);
        this.#drop(
          ids,
          error.name === 'ReplyError' ? serverWords(error.message) : (link.downReason ?? 'the connection was lost'),
        );
        link.follow(error);
      },
    );
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.link.close();
  }

  #send(redis: Redis, channel: string, message: Buffer): Promise<unknown> {
    return this.#isSharded ? redis.spublish(channel, message) : redis.publish(channel, message);
  }

  /** What is published in one turn of the event loop leaves by one write. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = this.link.redis;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }

  #settle(pending: { readonly bytes: number }): void {
    this.#unanswered.delete(pending);
    this.#bytes -= pending.bytes;
  }

  #drop(ids: readonly NodeId[], reason: string): void {
    if (this.#isClosed) return;
    for (const id of ids) this.#trouble.dropped(id, 1, reason);
  }
}

/** Where and how to publish, and what to try it with. */
export interface PublisherSetup {
  readonly options: RedisOptions;
  readonly route: Route | undefined;
  readonly bytesMax: number;
  /** A message that nobody takes for a frame: it shows whether the user may publish. */
  readonly probe: { readonly channel: string; readonly message: Buffer };
}
