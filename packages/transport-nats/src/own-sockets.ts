import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const channel = 'net.client.socket';

/**
 * Runs work that opens sockets, and destroys these sockets if the work fails or is aborted. The client forgets a socket on which no
 * server ever answered, and that socket would keep the process alive. If `signal` is aborted, the returned promise rejects at once,
 * whatever the client still waits for. A connection that the client makes later is closed.
 *
 * `work` receives a getter for the abort signal to pass to `tls.connect`. The getter throws after the abort. It returns `undefined`
 * once `work` has settled, so reconnect sockets are not bound to the signal.
 */
export async function withOwnSockets<Connection extends { close(): Promise<void> }>(
  work: (current: () => AbortSignal | undefined) => Promise<Connection>,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const owner = new AsyncLocalStorage<true>();
  const end = new AbortController();
  const late = new AbortController();
  // The client removes all listeners of a socket between two steps. An `error` event in that moment would end the process, so the
  // signal waits until the client's pending microtasks have run.
  end.signal.addEventListener('abort', () => setImmediate(() => late.abort(end.signal.reason)));
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
    return isDone ? undefined : late.signal;
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
