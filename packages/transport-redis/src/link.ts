import { Redis, type RedisOptions } from 'ioredis';
import type { Route } from './route.ts';
import { serverWords } from './server-words.ts';

/** What a connection is for. */
export interface LinkDuties {
  /** Makes a connection fit for use, also once more. Rejects with what the server has against it. */
  prepare(redis: Redis): Promise<unknown>;
  /** Asks for any answer. */
  probe(redis: Redis): Promise<unknown>;
  /** How many seconds more than usual an answer may take. */
  patience?(): number;
  /** It became fit for use, or no longer is. */
  onChange(): void;
  onError(error: unknown): void;
}

const beatMs = 1_000;
const silentBeatsMax = 3;
const retryMsMin = 20;
const retryMsMax = 500;

/** One connection, made anew for ever, and probed so that a silent one is noticed. */
export class Link {
  readonly redis: Redis;
  /** Why it cannot be used; undefined while it can. */
  downReason: string | undefined = 'not connected to the Redis server yet';
  readonly #route: Route | undefined;
  readonly #duties: LinkDuties;
  readonly #beat: NodeJS.Timeout;
  /** What went wrong with the connection that is being made or used. */
  #failure: string | undefined;
  #wasReady = false;
  #heardBytes = 0;
  #silentBeats = 0;

  constructor(options: RedisOptions, route: Route | undefined, duties: LinkDuties) {
    this.#route = route;
    this.#duties = duties;
    const redis = new Redis({
      ...options,
      ...route?.current,
      ...house,
      // Channels work while a server loads. But one that sentinels name must be asked what it is.
      enableReadyCheck: (options.sentinels ?? null) !== null,
      retryStrategy: (times) => this.#onLost(times),
    });
    this.redis = redis;
    redis.on('ready', () => this.#onReady());
    redis.on('error', (error: Error) => this.#onError(error));
    this.#beat = setInterval(() => this.#onBeat(), beatMs).unref();
  }

  connect(): void {
    this.redis.connect().catch(() => {}); // an 'error' tells
  }

  /** Resolves when the connection is gone. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    const { redis } = this;
    redis.removeAllListeners();
    redis.on('error', () => {});
    const isOpen = redis.status !== 'reconnecting' && redis.status !== 'end';
    const ended = new Promise<void>((resolve) => {
      redis.once('end', resolve);
    });
    redis.disconnect();
    if (isOpen) await ended;
  }

  #onReady(): void {
    this.#wasReady = true;
    this.#prepare();
  }

  #prepare(): void {
    const { redis } = this;
    const { stream } = redis;
    const isCurrent = () => stream === redis.stream && redis.status === 'ready';
    this.#duties.prepare(redis).then(
      () => {
        if (!isCurrent() || this.downReason === undefined) return;
        this.downReason = undefined;
        this.#duties.onChange();
      },
      (error: unknown) => {
        if (isCurrent()) this.#onError(error);
      },
    );
  }

  #onError(error: unknown): void {
    this.#failure = error instanceof Error && error.message !== '' ? serverWords(error.message) : undefined;
    this.#duties.onError(error);
    this.follow(error);
  }

  /** Connects anew where the server says that the channels are elsewhere. */
  follow(error: unknown): void {
    if (this.#route?.follow(error) !== true || this.redis.status !== 'ready') return;
    this.#down('the slot of the channels is on another server');
    this.redis.disconnect(true);
  }

  #down(reason: string): void {
    const wasUp = this.downReason === undefined;
    this.downReason = reason;
    if (wasUp) this.#duties.onChange();
  }

  /** Called by the client library for each connection that was lost or not made. Returns when to try again, in ms. */
  #onLost(times: number): number {
    if (this.#failure === undefined && !this.#wasReady) {
      const error = new Error('the server closed the connection at once');
      this.#duties.onError(Object.assign(error, { code: 'CLOSED' }));
    }
    const detail = this.#failure === undefined ? '' : `: ${this.#failure}`;
    this.#down(`no connection to the Redis server${detail}`);
    const { redis } = this;
    if (this.#route !== undefined) {
      if (!this.#wasReady) this.#route.next();
      Object.assign(redis.options, this.#route.current);
    }
    this.#failure = undefined;
    this.#wasReady = false;
    this.#heardBytes = 0;
    this.#silentBeats = 0;
    const most = Math.min(retryMsMin * 2 ** Math.min(times, 10), retryMsMax);
    return Math.round(most * (0.5 + Math.random() / 2));
  }

  /** Counts beats, not time: a process that was held up has not listened either. */
  #onBeat(): void {
    const { redis } = this;
    if (redis.status !== 'ready' && redis.status !== 'connect') return;
    const { bytesRead } = redis.stream;
    this.#silentBeats = bytesRead === this.#heardBytes ? this.#silentBeats + 1 : 0;
    this.#heardBytes = bytesRead;
    if (this.#silentBeats > silentBeatsMax + (this.#duties.patience?.() ?? 0)) {
      this.#failure = 'it does not answer';
      this.#down(`no connection to the Redis server: ${this.#failure}`);
      redis.disconnect(true);
    } else if (redis.status !== 'ready') return;
    else if (this.downReason === undefined) this.#duties.probe(redis).catch((error: unknown) => this.follow(error));
    else this.#prepare();
  }
}

/** What the client library must not do: keep, repeat or time anything, or subscribe again without saying so. */
const house = {
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  commandTimeout: undefined,
  connectTimeout: 3_000,
  db: 0,
  disableClientInfo: true,
  disconnectTimeout: 200,
  enableAutoPipelining: false,
  enableOfflineQueue: false,
  keyPrefix: '',
  lazyConnect: true,
  // Else it never tells what became of commands that were under way when a connection broke.
  maxRetriesPerRequest: 0,
  monitor: false,
  readOnly: false,
  reconnectOnError: null,
  replyMapping: 'legacy',
  socketTimeout: undefined,
  stringNumbers: false,
} as const satisfies RedisOptions;
