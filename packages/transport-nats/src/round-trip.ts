import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { TransportError } from '@paxakos/core/contracts';
import type { BusConnection } from './bus-connection.ts';

const retryMs = 50;

interface Patience {
  /** Until when to try, as `performance.now()` has it. */
  readonly end: number;
  readonly openMsMax: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the server has answered to all that went before, and to `ask`. Asks again where the connection breaks meanwhile,
 * as long as it comes back in time; else rejects with a `TransportError`.
 */
export async function roundTrip(bus: BusConnection, ask: () => void, patience: Patience): Promise<void> {
  const { end, openMsMax, signal } = patience;
  for (;;) {
    try {
      ask();
      await inTime(bus.flush(), patience);
      await nextTurn(); // what the server refused it told before it answered
      return;
    } catch (cause) {
      if (cause instanceof TransportError) throw cause;
      if (bus.isClosed() || performance.now() + retryMs > end) {
        throw new TransportError(
          `the connection to the NATS server broke and did not come back within openMsMax, ${openMsMax} ms`,
          { cause },
        );
      }
      await delay(retryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw closed();
    }
  }
}

function inTime(answer: Promise<void>, { end, openMsMax, signal }: Patience): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const late = (): void =>
      reject(
        new TransportError(`the NATS server did not answer within openMsMax, ${openMsMax} ms: see whether it runs`),
      );
    const abort = settle(() => reject(closed()));
    const timer = setTimeout(settle(late), Math.max(1, end - performance.now()));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    answer.then(settle(resolve), (error) => settle(() => reject(error))());
  });
}

function closed(): TransportError {
  return new TransportError('the transport was closed while it opened');
}
