import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransportError } from '@paxakos/core/contracts';
import { type Event, Pull, type SocketOptions } from 'zeromq';
import { unpack } from './batch.ts';
import { readEvents } from './read-events.ts';
import type { TroubleReporter } from './trouble-reporter.ts';

/**
 * Messages that wait for this process, per connection; then the peer has to wait. Enough for what comes at once after the process was
 * suspended: where ZeroMQ reads a probe behind a stop, on a connection that was lost, it ends the process (libzmq issue 4364).
 */
const receiveHighWaterMark = 1_000;
const framesPerTurnMax = 1_000;

/** The listening end: one socket for all peers. */
export class Inbox {
  readonly endpoint: string;
  readonly #socket: Pull;
  readonly #trouble: TroubleReporter;
  readonly #ended: Promise<void>;
  #isClosed = false;
  #refusedAt = 0;

  /** Listens at once. Throws a `TransportError` that says what to do. */
  constructor(endpoint: string, options: SocketOptions<Pull>, trouble: TroubleReporter) {
    this.#trouble = trouble;
    const socket = new Pull({ ...options, receiveHighWaterMark });
    try {
      socket.bindSync(endpoint);
      // Not before: telling an observer of the failure would replace its cause.
      this.#ended = readEvents(socket.events, (event) => this.#onEvent(event));
    } catch (error) {
      socket.close();
      throw cannotListen(endpoint, error);
    }
    this.#socket = socket;
    this.endpoint = socket.lastEndpoint ?? endpoint;
  }

  /** Hands over every frame that arrives, until closed. */
  async receiveAll(deliver: (frame: Uint8Array) => void): Promise<void> {
    const safely = (frame: Uint8Array) => {
      if (this.#isClosed) return;
      try {
        deliver(frame);
      } catch (error) {
        this.#trouble.dropped(undefined, 1, `the receiver threw: ${String(error)}`);
      }
    };
    let frames = 0;
    while (!this.#isClosed) {
      // Rejects when the socket is closed.
      const parts = await this.#socket.receive().catch(() => undefined);
      if (parts === undefined) return;
      const delivered = unpack(parts, safely);
      if (delivered < 0) this.#trouble.dropped(undefined, 1, 'a message that no peer packs');
      frames += Math.max(delivered, 1);
      if (frames < framesPerTurnMax) continue;
      frames = 0;
      await nextTurn(); // a flood must not keep timers and other sockets waiting
    }
  }

  /** Resolves when the endpoint is free again, which is in the hands of a thread of ZeroMQ. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#socket.close();
    return this.#ended;
  }

  #onEvent(event: Event): void {
    if (!event.type.startsWith('handshake:error')) return;
    const now = performance.now();
    if (this.#refusedAt !== 0 && now - this.#refusedAt < 100) return; // someone may knock all the time
    this.#refusedAt = now;
    const detail = 'error' in event ? `: ${event.error.message}` : '';
    this.#trouble.report({ type: 'disconnected', reason: `a connection was refused${detail}` });
  }
}

const noSuchAddress = 'bind takes an IP address of this machine or the name of an interface, not a host name';
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already: stop it, or give another endpoint',
  EADDRNOTAVAIL: noSuchAddress,
  ENODEV: noSuchAddress,
  EACCES: 'this user may not listen there: take a port from 1024 up, or a folder that it may write',
  ENOENT: 'its folder does not exist: make it first',
  ENAMETOOLONG: 'the path is too long for a socket (107 bytes on Linux, 103 on macOS): take a shorter one',
  EINVAL: 'that is no endpoint: write tcp://ip:port or ipc:///path',
};

function cannotListen(endpoint: string, cause: unknown): TransportError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return new TransportError(`cannot listen at ${endpoint}: ${remedies[code] ?? message} (${code})`, { cause });
}

/**
 * Rejects with a `TransportError` where another process listens at an IPC endpoint. ZeroMQ would take the path away from it;
 * what a killed process left behind is taken over.
 */
export async function checkIpcFree(endpoint: string): Promise<void> {
  const path = /^ipc:\/\/([^*].*)$/.exec(endpoint)?.[1];
  if (path === undefined) return;
  const socket = connect({ path: path.replace(/^@/, '\0') });
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  if (isTaken) throw cannotListen(endpoint, Object.assign(new Error('address in use'), { code: 'EADDRINUSE' }));
}
