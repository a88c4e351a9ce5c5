// The only room that touches ambient time and randomness.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { systemClock, systemRandom } from '../../src/platform/index.ts';

test('a callback comes no sooner than it is due, once, and not at all where it was cancelled', async (t) => {
  let cancelled = 0;
  const cancel = systemClock.after(5, () => cancelled++);
  cancel();
  for (const delayMs of [0, 1, 2.5, 20]) {
    const dueAt = systemClock.now() + delayMs;
    let calls = 0;
    await new Promise<void>((resolve) => {
      const keepAlive = setTimeout(() => {}, 1_000);
      systemClock.after(delayMs, () => {
        calls++;
        clearTimeout(keepAlive);
        resolve();
      });
    });
    t.true(systemClock.now() >= dueAt);
    t.is(calls, 1);
  }
  t.is(cancelled, 0);
});

test('a delay of more than the 25 days that a timer of the platform counts does not end at once', async (t) => {
  let calls = 0;
  const warnings: Error[] = [];
  process.on('warning', (warning) => warnings.push(warning));
  const cancels = [2 ** 31, 2 ** 33, Number.POSITIVE_INFINITY].map((delayMs) =>
    systemClock.after(delayMs, () => calls++),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const cancel of cancels) cancel();
  t.is(calls, 0);
  t.deepEqual(warnings, []);
});

test('a timer keeps the process alive until it is cancelled, so that what is awaited comes to an end', (t) => {
  const url = new URL('../../src/platform/index.js', import.meta.url).href;
  const script = `import { systemClock } from ${JSON.stringify(url)};
    const cancel = systemClock.after(60_000, () => {});
    systemClock.after(50, () => { console.log('due'); cancel(); });`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    timeout: 60_000,
  });
  t.is(status, 0);
  t.is(stdout.toString(), 'due\n');
});

test('time does not go back', (t) => {
  let last = systemClock.now();
  for (let reading = 0; reading < 1_000; reading++) {
    const now = systemClock.now();
    t.true(now >= last);
    last = now;
  }
});

test('random numbers lie from 0 up to 1, and are spread evenly', (t) => {
  const drawn = Array.from({ length: 20_000 }, () => systemRandom());
  t.true(drawn.every((value) => value >= 0 && value < 1));
  t.true(new Set(drawn).size > 19_900);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = drawn.filter((value) => Math.floor(value * 10) === tenth).length;
    t.true(share > 1_700 && share < 2_300);
  }
});
