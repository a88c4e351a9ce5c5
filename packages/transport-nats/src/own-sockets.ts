import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const channel = 'net.client.socket';

/**
 * Runs work that opens sockets, and destroys these where it fails or is aborted: the client forgets a socket on which no server
 * ever answered, and it would keep the process alive. Once aborted it rejects at once, whatever the client still waits for; a
 * connection that comes all the same is closed.
 *
 * The work gets what gives the signal for a socket that is not plain: it throws once that is aborted, and gives none when the work
 * is done, so that the sockets of later reconnections are not kept by it.
 */
export async function withOwnSockets<Connection extends { close(): Promise<void> }>(
  work: (current: () => AbortSignal | undefined) => Promise<Connection>,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const owner = new AsyncLocalStorage<true>();
  const end = new AbortController();
  const take = (message: unknown): void => {
    if (owner.getStore() !== true) return;
    const { socket } = message as { readonly socket: Socket };
    // It starts to connect only after this.
    if (end.signal.aborted) setImmediate(() => socket.destroy());
    else end.signal.addEventListener('abort', () => socket.destroy());
  };
  subscribe(channel, take);
  let isDone = false;
  const current = (): AbortSignal | undefined => {
    end.signal.throwIfAborted();
    return isDone ? undefined : end.signal;
  };
  const forget = (): void => {
    isDone = true;
    unsubscribe(channel, take);
    owner.disable();
  };
  const giveUp = (): void => end.abort();
  signal.addEventListener('abort', giveUp);
  const aborted = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  const working = owner.run(true, async () => work(current));
  working.then((connection) => (end.signal.aborted ? connection.close() : undefined)).then(forget, forget);
  try {
    return await Promise.race([working, aborted]);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
