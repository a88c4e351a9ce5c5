import type { Event, Observer } from 'zeromq';

const closeMsMax = 1_000;

/**
 * Calls back for each event of a socket, and resolves when ZeroMQ has really closed it. Reads to the very end: a thread that
 * serves all sockets would wait for ever to tell an observer that nobody reads, or that was closed.
 */
export async function readEvents(events: Observer, onEvent: (event: Event) => void): Promise<void> {
  for (;;) {
    const event = await events.receive().catch(() => undefined);
    if (event === undefined || event.type === 'end') return;
    onEvent(event);
  }
}

/** Waits until sockets are really closed, but not for ever. */
export async function allEnded(ended: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeMsMax);
  });
  await Promise.race([Promise.all(ended), late]);
  clearTimeout(timer);
}
