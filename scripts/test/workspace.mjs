// What the tests about packages share: the public packages, and running a tool to its end.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { environment, manifests, root } from '../bootstrap.mjs';

/** Every public package: `{ folder, manifest }`. */
export const publicPackages = manifests()
  .map((path) => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true);

/** Runs a program without input, and ends it after a time, where one is given; resolves to `{ code, output }`, with stdout and stderr in one. */
export function run(command, args, { cwd = root, env = {}, timeoutMs = 0 } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment(), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}

/** Runs what it is given, so many at a time, and the rest in their order. */
export function atATime(most) {
  let free = most;
  const waiting = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** Fails the test, with all that the program said, unless it ended well. */
export async function succeeds(t, ...args) {
  const { code, output } = await run(...args);
  if (code !== 0) t.log(output);
  t.is(code, 0, `${args[0]} ${args[1].join(' ')}`);
  return output;
}
