import type { Clock } from '../contracts/index.ts';

/** Timers of the platform count in 32 bits; a longer delay would end at once. */
const timerDelayMax = 0x7fffffff;

/** The platform's monotonic clock, and its calendar's. A timer keeps the process alive until it has gone off or is cancelled. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const dueAt = performance.now() + delayMs;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      const leftMs = dueAt - performance.now();
      // A timer may fire a little early, and a long delay takes several.
      const delay = Math.max(0, Math.min(Math.ceil(leftMs), timerDelayMax));
      timer = setTimeout(() => {
        if (dueAt - performance.now() > 0) wait();
        else callback();
      }, delay);
    };
    wait();
    return () => clearTimeout(timer);
  },
  wallNow: () => Date.now(),
};
