import type { Clock } from '../contracts/index.ts';

/** Timers of the platform count in 32 bits; a longer delay would end at once. */
const timerDelayMax = 0x7fffffff;

/** The platform's monotonic clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const dueAt = performance.now() + delayMs;
    let timer: unknown;
    const wait = (): void => {
      const leftMs = dueAt - performance.now();
      // A timer may fire a little early, and a long delay takes several.
      timer = startTimer(Math.min(Math.ceil(leftMs), timerDelayMax), () => {
        if (dueAt - performance.now() > 0) wait();
        else callback();
      });
    };
    wait();
    return () => clearTimeout(timer as number);
  },
};

function startTimer(delayMs: number, callback: () => void): unknown {
  const timer: unknown = setTimeout(callback, Math.max(0, delayMs));
  // Node gives an object, a browser a number.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref();
  return timer;
}
