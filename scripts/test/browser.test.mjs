// Goal: core runs where there is no Node. Method: bundle each of its doors for a browser, and evaluate the bundle in a
// context that has the web's globals only.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';
import { build } from 'esbuild';
import { root } from '../bootstrap.mjs';

const web = {
  AbortController,
  AbortSignal,
  DOMException,
  TextDecoder,
  TextEncoder,
  crypto,
  performance,
  queueMicrotask,
};

async function bundle(entry) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: [entry],
    format: 'iife',
    globalName: 'door',
    logLevel: 'silent',
    metafile: true,
    platform: 'browser',
    write: false,
  });
  return { metafile, text: outputFiles[0].text };
}

for (const door of ['index', 'contracts/index', 'protocol/index', 'memory/index']) {
  const entry = `packages/core/dist/${door}.js`;

  test(`core's door ${door} bundles for a browser from its own files alone, and runs there`, async (t) => {
    t.true(existsSync(join(root, entry)), `${entry} isn't built`);
    const { metafile, text } = await bundle(entry);
    const strangers = Object.keys(metafile.inputs).filter((path) => !path.startsWith('packages/core/dist/'));
    t.deepEqual(strangers, []);
    const outside = Object.values(metafile.outputs).flatMap((output) => output.imports.filter((each) => each.external));
    t.deepEqual(outside, []);
    t.notRegex(text, /["']node:/);
    const context = createContext({ ...web, setTimeout, clearTimeout });
    t.is(runInContext(`${text}; typeof door`, context), 'object');
  });
}

test('a bundle that needs Node is noticed', async (t) => {
  await t.throwsAsync(bundle('scripts/bootstrap.mjs'), { message: /node:/ });
});
