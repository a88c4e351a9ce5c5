import type { AnyLogEntry, EventsOptions, PaxakosEvent } from '../contracts/index.ts';
import { InvalidError, SlowConsumerError } from '../contracts/index.ts';
import { callHook } from './call-hook.ts';
import { checkNames } from './node-options.ts';

type Type = PaxakosEvent['type'];
type Listener = (event: PaxakosEvent) => unknown;

const types: Readonly<Record<Type, true>> = {
  init: true,
  statusChange: true,
  activate: true,
  install: true,
  commit: true,
  apply: true,
  gaps: true,
  directive: true,
  eject: true,
  stranded: true,
  hookError: true,
  trouble: true,
  failure: true,
};

/** Hands events to listeners and iterators. Costs next to nothing where nobody wants them. */
export class EventHub<E extends AnyLogEntry> {
  readonly #listeners = new Map<Type, Set<Listener>>();
  readonly #streams = new Set<EventStream<E>>();
  #closed = false;

  /** Whether anybody would see an event of this type. */
  wants(type: Type): boolean {
    return this.#streams.size > 0 || this.#listeners.has(type);
  }

  on(type: Type, listener: Listener): () => void {
    if (!Object.hasOwn(types, type))
      throw new InvalidError('type', type, `there is no such event; there are ${Object.keys(types).join(', ')}`);
    let listeners = this.#listeners.get(type);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(type, listeners);
    }
    // A listener of its own each time, so that the same function can be there twice and leave once.
    const own: Listener = (event) => listener(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(type) === listeners) this.#listeners.delete(type);
    };
  }

  stream(options: EventsOptions = {}): AsyncIterableIterator<PaxakosEvent<E>> {
    checkNames('events', options, ['signal', 'bufferedMax']);
    const { bufferedMax = 65_536 } = options;
    if (!Number.isInteger(bufferedMax) || bufferedMax < 1)
      throw new InvalidError('bufferedMax', bufferedMax, 'give an integer of at least 1');
    const { signal } = options;
    const onAbort = (): void => stream.end();
    const stream = new EventStream<E>(bufferedMax, () => {
      this.#streams.delete(stream);
      signal?.removeEventListener('abort', onAbort);
    });
    if (this.#closed || signal?.aborted) stream.end();
    else {
      this.#streams.add(stream);
      signal?.addEventListener('abort', onAbort);
    }
    return stream;
  }

  emit(event: PaxakosEvent<E>): void {
    for (const stream of this.#streams) stream.push(event);
    const listeners = this.#listeners.get(event.type);
    if (listeners === undefined) return;
    for (const listener of Array.from(listeners)) {
      callHook(
        () => listener(event),
        (error) => {
          // A listener for errors that throws itself must not call itself for ever.
          if (event.type !== 'hookError') this.emit({ type: 'hookError', hook: `on('${event.type}')`, error });
        },
      );
    }
  }

  /** Ends all iterators once they have been read to the end; nobody hears anything any more. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
    this.#listeners.clear();
  }
}

class EventStream<E extends AnyLogEntry> implements AsyncIterableIterator<PaxakosEvent<E>> {
  readonly #bufferedMax: number;
  readonly #onEnd: () => void;
  #buffer: PaxakosEvent<E>[] = [];
  #waiting: ((result: IteratorResult<PaxakosEvent<E>>) => void)[] = [];
  #ended = false;
  #error: unknown;

  constructor(bufferedMax: number, onEnd: () => void) {
    this.#bufferedMax = bufferedMax;
    this.#onEnd = onEnd;
  }

  push(event: PaxakosEvent<E>): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting({ done: false, value: event });
    else if (this.#buffer.length < this.#bufferedMax) this.#buffer.push(event);
    else {
      this.#error = new SlowConsumerError(this.#bufferedMax);
      this.#buffer = [];
      this.end();
    }
  }

  end(): void {
    this.#ended = true;
    this.#onEnd();
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<PaxakosEvent<E>>> {
    const event = this.#buffer.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      return Promise.reject(error as Error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<PaxakosEvent<E>>> {
    this.#buffer = [];
    this.#error = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
