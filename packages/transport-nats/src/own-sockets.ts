import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const channel = 'net.client.socket';

/**
 * Runs work that opens sockets, and destroys these where it fails or is aborted: the client forgets a socket on which no server
 * ever answered, and it would keep the process alive.
 */
export async function withOwnSockets<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const owner = new AsyncLocalStorage<true>();
  const sockets = new Set<Socket>();
  const take = (message: unknown): void => {
    if (owner.getStore() !== true) return;
    const { socket } = message as { readonly socket: Socket };
    sockets.add(socket);
    // It starts to connect only after this.
    if (signal.aborted) setImmediate(() => socket.destroy());
  };
  const destroy = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  subscribe(channel, take);
  signal.addEventListener('abort', destroy);
  try {
    return await owner.run(true, work);
  } catch (error) {
    destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
    unsubscribe(channel, take);
    owner.disable();
  }
}
