// Goal: what is published works, and only what is meant to be reached can be. Method: pack every public package, judge the
// tarballs, unpack them into an empty folder beside what they depend on, and go through each door from there.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { natsServer, redisServer } from '@paxakos/servers';
import test from 'ava';
import pLimit from 'p-limit';
import { binPath, root } from '../bootstrap.mjs';
import { shown, shownByAll, writeSamples } from './packed-samples.mjs';
import { publicPackages, run, succeeds as succeedsAtOnce } from './workspace.mjs';

// AVA starts all tests of a file at once. The tools compute and the suites wait, so each kind has a limit of its own.
const toolsTurn = pLimit(1);
const suitesTurn = pLimit(2);
const succeeds = (...args) => toolsTurn(() => succeedsAtOnce(...args));

const scratch = mkdtempSync(join(tmpdir(), 'paxakos-packed-'));
const consumer = join(scratch, 'consumer');
const tool = (name) => join(root, 'scripts', 'node_modules', '.bin', name);
const doorsOf = (manifest) =>
  Object.keys(manifest.exports)
    .filter((door) => door !== './package.json')
    .map((door) => manifest.name + door.slice(1));
/** The packages are ESM only: Node 10 and `require` without ESM support cannot resolve them. */
const unsupported = new Set(['node10', 'node16-cjs']);
const doors = publicPackages.flatMap(({ manifest }) => doorsOf(manifest));

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(realpathSync(target), path);
}

/** Unpacks a tarball where an installation would put it, and links the packages that it depends on from the outside. */
async function unpack(t, { folder, manifest }, tarball) {
  const target = join(consumer, 'node_modules', manifest.name);
  mkdirSync(target, { recursive: true });
  await succeeds(t, 'tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  const own = new Set(publicPackages.map((each) => each.manifest.name));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (!own.has(name)) link(join(folder, 'node_modules', name), join(target, 'node_modules', name));
  }
}

const tarballs = new Map();

test.before('every public package can be packed', async (t) => {
  const work = publicPackages.map(async (each) => {
    const destination = join(scratch, each.manifest.name.replace('/', '-'));
    await succeeds(t, binPath('pnpm'), ['pack', '--pack-destination', destination], { cwd: each.folder });
    const tarball = join(destination, readdirSync(destination)[0]);
    tarballs.set(each.manifest.name, tarball);
    await unpack(t, each, tarball);
  });
  await Promise.all(work);
  writeFileSync(join(consumer, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  link(join(root, 'packages/core/node_modules/@types/node'), join(consumer, 'node_modules/@types/node'));
});

test.after.always('clean up', () => rmSync(scratch, { recursive: true, force: true }));

for (const { manifest } of publicPackages) {
  const { name } = manifest;

  test(`${name}: the tarball holds what a user needs, and no more`, async (t) => {
    const listed = await succeeds(t, 'tar', ['-tzf', tarballs.get(name)]);
    const files = listed
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    for (const file of ['package.json', 'README.md', 'LICENSE']) t.true(files.includes(file), `lacks ${file}`);
    const strays = files.filter(
      (file) => !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|(dist|src|bin)\/.+)$/.test(file),
    );
    t.deepEqual(strays, []);
    t.false(files.some((file) => file.endsWith('.tsbuildinfo')));
    const packed = await succeeds(t, 'tar', ['-xzOf', tarballs.get(name), 'package/package.json']);
    t.notRegex(packed, /workspace:/);
  });

  test(`${name}: publint finds nothing`, async (t) => {
    await succeeds(t, tool('publint'), [tarballs.get(name), '--strict']);
  });

  test(`${name}: each door has types that resolve`, async (t) => {
    const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(tarballs.get(name))));
    t.deepEqual(
      problems.filter(({ resolutionKind }) => !unsupported.has(resolutionKind)),
      [],
    );
  });
}

for (const door of doors) {
  test(`${door} can be imported, and required, from an empty folder`, async (t) => {
    const text = `await import('${door}'); (await import('node:module')).createRequire(process.cwd() + '/x')('${door}');`;
    await succeeds(t, process.execPath, ['--input-type=module', '-e', text], { cwd: consumer });
  });
}

const deep = publicPackages
  .flatMap(({ manifest: { name } }) =>
    ['dist/index.js', 'src/index.ts', 'dist', 'internal', 'node', 'communicator'].map((path) => `${name}/${path}`),
  )
  .filter((path) => !doors.includes(path));

test('nothing but the doors resolves', async (t) => {
  const text = `
    for (const path of ${JSON.stringify(deep)}) {
      const code = await import(path).then(() => 'imported', (error) => error.code);
      if (code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw new Error(path + ': ' + code);
    }`;
  await succeeds(t, process.execPath, ['--input-type=module', '-e', text], { cwd: consumer });
});

test('the types of every door compile in a strict program that checks its libraries', async (t) => {
  const imports = doors.map((door, at) => `import * as door${at} from '${door}';\nexport { door${at} };`);
  writeFileSync(join(consumer, 'all.ts'), imports.join('\n'));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  await succeeds(t, binPath('tsc'), [...options, '--lib', 'es2023,esnext.disposable', 'all.ts'], { cwd: consumer });
});

/** Compiles the samples of a package's README in a folder from which that package can be imported. */
async function compileSamples(t, folder, readme) {
  const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,esnext.disposable'];
  const files = writeSamples(folder, readme);
  const options = [...strict, '--types', 'node', '--rewriteRelativeImportExtensions', ...files];
  await succeedsAtOnce(t, binPath('tsc'), options, { cwd: folder });
}

for (const [name, { beside = [], test: title, prints }] of Object.entries(shown)) {
  const together = ['@paxakos/core', ...beside, name];

  test(`${together.join(', ')}: installed alone in an empty folder, the README's sample does what it says`, async (t) => {
    await toolsTurn(async () => {
      const folder = join(scratch, 'alone', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
      const quiet = ['--offline', '--cache', join(scratch, 'npm'), '--no-audit', '--no-fund', '--ignore-scripts'];
      const wanted = together.map((each) => tarballs.get(each));
      await succeedsAtOnce(t, 'npm', ['install', ...quiet, ...wanted], { cwd: folder });
      link(join(root, 'packages/core/node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
      if (title !== undefined) link(join(root, 'scripts/node_modules/ava'), join(folder, 'node_modules/ava'));
      await compileSamples(t, folder, join(folder, 'node_modules', name, 'README.md'));
      const program =
        title === undefined
          ? [`${basename(name)}.js`]
          : ['node_modules/ava/entrypoints/cli.mjs', '--timeout=10m', `${title}.js`];
      t.regex(await succeedsAtOnce(t, process.execPath, program, { cwd: folder }), prints);
    });
  });
}

test('no decoration is left out of those that are installed alone', (t) => {
  const decorations = publicPackages.filter(({ folder }) => basename(dirname(folder)) === 'decorations');
  t.deepEqual(
    decorations.filter(({ manifest }) => !(manifest.name in shown)),
    [],
  );
  t.true(decorations.length >= 10);
});

test('paxakos: from an empty folder, the samples of the README do what they say', async (t) => {
  await toolsTurn(async () => {
    const folder = join(consumer, 'samples');
    mkdirSync(folder);
    await compileSamples(t, folder, join(consumer, 'node_modules/paxakos/README.md'));
    for (const [name, prints] of Object.entries(shownByAll)) {
      const env = { PAXAKOS_BUS: 'memory:' };
      t.regex(await succeedsAtOnce(t, process.execPath, [`${name}.js`], { cwd: folder, env }), prints);
    }
  });
});

for (const { manifest } of publicPackages) {
  for (const [program, path] of Object.entries(manifest.bin ?? {})) {
    test(`the program ${program} starts from the packed package`, async (t) => {
      const { code, output } = await run(process.execPath, [join('node_modules', manifest.name, path), '--help'], {
        cwd: consumer,
      });
      t.is(code, 0, output);
    });
  }
}

const servers = { memory: undefined, zmq: undefined, nats: natsServer, redis: redisServer };

for (const [bus, start] of Object.entries(servers)) {
  test(`the suites of the packed packages pass over ${bus}, bare and sealed, and leave nothing open`, async (t) => {
    const script = join(consumer, 'packed-suites.mjs');
    copyFileSync(join(root, 'scripts/test/packed-suites.mjs'), script);
    await suitesTurn(async () => {
      const server = await start?.();
      try {
        const args = server === undefined ? [script, bus] : [script, bus, server.url];
        const output = await succeedsAtOnce(t, process.execPath, args, { cwd: consumer });
        t.regex(output, /^bare: [4-9]\d cases passed\nsealed: [4-9]\d cases passed\n$/);
      } finally {
        await server?.[Symbol.asyncDispose]();
      }
    });
  });
}
