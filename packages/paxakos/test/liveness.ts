import { setTimeout as sleep } from 'node:timers/promises';

/** How long a test waits for an event that must come, however slow the machine is, in ms. */
export const livenessMs = 60_000;

/** Resolves once it is so. Rejects with `what` after the liveness bound. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const limit = performance.now() + livenessMs;
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`${what}: not within ${livenessMs} ms`);
    await sleep(5);
  }
}
