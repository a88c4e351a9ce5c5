// Shared by the tests about packages: the list of public packages, and running a tool.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { environment, manifests, root } from '../bootstrap.mjs';

/** Every public package: `{ folder, manifest }`. */
export const publicPackages = manifests()
  .map((path) => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true);

/** Runs a program without input. Resolves to `{ code, output }`; `output` holds stdout and stderr. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment(), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}

/** Runs a program and returns its output. Fails the test, with that output, if the exit code is not 0. */
export async function succeeds(t, ...args) {
  const { code, output } = await run(...args);
  if (code !== 0) t.log(output);
  t.is(code, 0, `${args[0]} ${args[1].join(' ')}`);
  return output;
}
