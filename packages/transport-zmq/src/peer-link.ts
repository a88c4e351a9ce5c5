import type { NodeId } from '@paxakos/core/contracts';
import { type Event, Push, type SocketOptions } from 'zeromq';
import { pack } from './batch.ts';
import type { Settings } from './options.ts';
import { Outbox } from './outbox.ts';
import { readEvents } from './read-events.ts';
import type { TroubleReporter } from './trouble-reporter.ts';

/** Messages that ZeroMQ itself may hold for a peer. Few, since they can be large; more made nothing faster. */
const sendHighWaterMark = 2;
const refusedRetryMs = 1_000;

/** The way to one peer at one endpoint: a socket, and what waits for it. */
export class PeerLink {
  readonly endpoint: string;
  /** Whether anything was sent since this was last set to false. */
  used = true;
  readonly #peer: NodeId;
  readonly #options: () => SocketOptions<Push>;
  readonly #trouble: TroubleReporter;
  readonly #outbox: Outbox;
  readonly #done: () => void = () => this.#onDone();
  #socket: Push | undefined;
  #isBusy = false;
  #state: 'new' | 'up' | 'down' = 'new';
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  #ended: Promise<void> = Promise.resolve();

  /** `options` may throw; then, and where ZeroMQ takes neither them nor the endpoint, it is tried again later. */
  constructor(
    peer: NodeId,
    endpoint: string,
    options: () => SocketOptions<Push>,
    settings: Settings,
    trouble: TroubleReporter,
  ) {
    this.endpoint = endpoint;
    this.#peer = peer;
    this.#options = options;
    this.#trouble = trouble;
    this.#outbox = new Outbox(settings.peerQueueBytesMax, settings.peerQueueFramesMax);
    this.#connect();
  }

  send(frame: Uint8Array): void {
    this.used = true;
    if (!this.#isBusy && this.#socket !== undefined) {
      this.#write([frame]);
      return;
    }
    const dropped = this.#outbox.push(frame);
    if (dropped > 0) this.#trouble.dropped(this.#peer, dropped, 'the peer does not take what is sent to it');
  }

  /** Resolves when the connection is gone. */
  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#disconnect();
    return this.#ended;
  }

  #connect(): void {
    try {
      const socket = new Push({ ...this.#options(), sendHighWaterMark, immediate: true });
      this.#socket = socket;
      this.#ended = readEvents(socket.events, (event) => socket === this.#socket && this.#onEvent(event));
      socket.connect(this.endpoint);
    } catch (error) {
      this.#onRefused(`cannot connect to ${this.endpoint}: ${(error as Error).message}`);
      return;
    }
    this.#onDone();
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** ZeroMQ takes one send at a time; what comes meanwhile waits and leaves as one message. */
  #write(frames: Uint8Array[]): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#isBusy = true;
    socket.send(pack(frames)).then(this.#done, (error: Error) => {
      if (this.#isClosed) return;
      this.#trouble.dropped(this.#peer, frames.length, `the connection was lost: ${error.message}`);
      if (socket === this.#socket) this.#onDone();
    });
  }

  #onDone(): void {
    this.#isBusy = false;
    if (this.#outbox.length > 0) this.#write(this.#outbox.take());
  }

  #onEvent(event: Event): void {
    switch (event.type) {
      case 'handshake':
        if (this.#state === 'down') this.#trouble.report({ type: 'reconnected', peer: this.#peer });
        this.#state = 'up';
        break;
      case 'disconnect':
        this.#onDown('the connection was lost');
        break;
      case 'connect:retry':
        this.#onDown(`nothing answers at ${this.endpoint}`);
        break;
      case 'handshake:error:auth':
        this.#onRefused('the peer does not know the key of this node');
        break;
      case 'handshake:error:protocol':
        this.#onRefused(`no agreement on encryption: ${event.error.message} (${event.error.code})`);
        break;
      case 'handshake:error:other':
        this.#onDown('the peer ended the handshake: its key or its protocol is another one');
        break;
    }
  }

  #onDown(reason: string): void {
    if (this.#state !== 'down') this.#trouble.report({ type: 'disconnected', peer: this.#peer, reason });
    this.#state = 'down';
  }

  /** ZeroMQ gives up for good on these; but a key or a peer may be put right. */
  #onRefused(reason: string): void {
    this.#onDown(reason);
    this.#isBusy = true;
    this.#disconnect();
    this.#retry = setTimeout(() => this.#connect(), refusedRetryMs).unref();
  }
}
