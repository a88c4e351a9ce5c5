// Who may import what, and which names each module must do without (the table of the design).
import { builtinModules } from 'node:module';
import { fileRule, isScript, isSource, packageOf } from './rule.mjs';
import { importsOf, mentionsOf, resolveRelative } from './source.mjs';

const core = 'packages/core/src/';
/** The module of core that a file belongs to: `contracts`, `protocol`, …; '' for the front door itself. */
const moduleOf = (path) =>
  path.startsWith(core) ? (/^(\w[\w-]*)\//.exec(path.slice(core.length))?.[1] ?? '') : undefined;
const isIn =
  (...modules) =>
  (path) =>
    isSource(path) && modules.includes(moduleOf(path));
const isPlugin = (path) => isSource(path) && /^packages\/(transport|storage)-/.test(path);
const isDecoration = (path) => isSource(path) && path.startsWith('packages/decorations/');
const isOf = (name) => (path) => isSource(path) && path.startsWith(`packages/${name}/`);

const isNode = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier);
const isRelative = (specifier) => specifier.startsWith('.');
const isOurs = (specifier) => /^(@paxakos\/|paxakos(\/|$))/.test(specifier);
const runners = /^(node:test|ava|vitest|jest|@jest\/.*|mocha|chai|tape|tap|uvu|jasmine|fast-check)(\/|$)/;

/** A rule about imports: `refuses({ path, specifier, isType, target })` says why an import is wrong, or nothing. */
function importRule({ title, where, refuses, bad, good = [] }) {
  const check = (path, text) =>
    importsOf(path, text).flatMap(({ specifier, isType, line }) => {
      const target = isRelative(specifier) ? resolveRelative(path, specifier) : undefined;
      return refuses({ path, specifier, isType, target })
        ? [`:${line}: imports ${specifier}${isType ? ' (types)' : ''}`]
        : [];
    });
  return fileRule({ title, where, check, bad, good });
}

/** A core module may reach its own files, the listed modules, and the types of the listed ones; no package at all. */
function coreRule(module, { values = [], types = [] }) {
  const may = [module, ...values];
  const extra = types.length > 0 ? ` and types of ${types.join(', ')}` : '';
  return importRule({
    title: `core/${module} imports only from ${may.join(', ')}${extra}`,
    where: isIn(module),
    refuses: ({ target, isType }) => {
      const from = target === undefined ? undefined : moduleOf(target);
      return !may.includes(from) && !(isType && types.includes(from));
    },
    bad: [
      [`${core}${module}/a.ts`, "import { b } from '../elsewhere/b.ts';"],
      [`${core}${module}/a.ts`, "import type { b } from '../index.ts';"],
      [`${core}${module}/a.ts`, "export { b } from 'some-package';"],
      [`${core}${module}/a.ts`, "const b = await import('../../../paxakos/src/b.ts');"],
      ...types.map((type) => [`${core}${module}/a.ts`, `import { b } from '../${type}/b.ts';`]),
    ],
    good: [
      [`${core}${module}/a.ts`, "import { b } from './b.ts';"],
      ...values.map((value) => [`${core}${module}/a.ts`, `import { b } from '../${value}/index.ts';`]),
      ...types.map((type) => [`${core}${module}/a.ts`, `import type { b } from '../${type}/b.ts';`]),
    ],
  });
}

/** A rule about names that a module must not mention. */
function nameRule({ title, where, names, bad, good = [] }) {
  const check = (path, text) =>
    mentionsOf(path, text).flatMap(({ name, line }) => (names.includes(name) ? [`:${line}: mentions ${name}`] : []));
  return fileRule({ title, where, check, bad, good });
}

/** Where the simulator waits for promises to come to rest: no measure of time, but nothing else of the platform does that. */
const eventLoopTurn = 'packages/simulator/src/event-loop-turn.ts';

/** The configuration of AVA that every package's own one extends. */
const sharedConfiguration = 'ava.base.js';

const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'];
const ambient = ['Date', 'Math.random', 'performance', 'crypto', ...timers];

export const importRules = [
  coreRule('contracts', {}),
  coreRule('protocol', { types: ['contracts'] }),
  coreRule('memory', { values: ['contracts'] }),
  coreRule('communicator', { values: ['contracts'] }),
  coreRule('platform', { values: ['contracts'] }),
  coreRule('node', { values: ['contracts', 'protocol', 'communicator', 'platform'] }),
  importRule({
    title: 'core has no dependency and imports nothing of Node',
    where: isOf('core'),
    refuses: ({ specifier }) => !isRelative(specifier),
    bad: [
      [`${core}index.ts`, "import { readFile } from 'node:fs';"],
      [`${core}memory/a.ts`, "import type { Socket } from 'node:net';"],
    ],
  }),
  nameRule({
    title: 'core/protocol is pure: no async, Promise, Date, Math.random, timers or console',
    where: isIn('protocol'),
    names: [...ambient, 'async', 'Promise', 'console', 'queueMicrotask', 'process', 'fetch'],
    bad: [
      'const a = async () => 1;',
      'export type A = Promise<void>;',
      'export const a = Date.now();',
      'export const a = globalThis.Date.now();',
      'export const a = Math.random();',
      'setTimeout(() => {}, 1);',
      'setInterval(() => {}, 1);',
      "console.log('a');",
    ].map((text) => [`${core}protocol/a.ts`, text]),
    good: [
      [`${core}protocol/a.ts`, "import type { Promise as Vow } from './b.ts'; export const a = { Date: 1 }.Date;"],
    ],
  }),
  nameRule({
    title: 'core/node has no ambient clock or randomness',
    where: isIn('node', 'contracts', 'communicator', 'memory'),
    names: ambient,
    bad: ['new Date();', 'Date.now();', 'performance.now();', 'Math.random();', 'setTimeout(() => {}, 1);'].map(
      (text) => [`${core}node/a.ts`, text],
    ),
    good: [
      [`${core}node/a.ts`, 'export const later = async (clock: { setTimeout: () => void }) => clock.setTimeout();'],
    ],
  }),
  nameRule({
    title: 'core mentions no global that only Node has',
    where: isOf('core'),
    names: ['Buffer', 'process', 'require', '__dirname', '__filename', 'global', 'setImmediate'],
    bad: [
      [`${core}a.ts`, "export const a = Buffer.from('a');"],
      [`${core}a.ts`, 'export const a = globalThis.process.pid;'],
    ],
    good: [[`${core}a.ts`, 'export const a = (state: { process: number }) => state.process;']],
  }),
  importRule({
    title: 'a transport or storage imports core only through ./contracts, and no other package of the project',
    where: isPlugin,
    refuses: ({ specifier }) => isOurs(specifier) && specifier !== '@paxakos/core/contracts',
    bad: [
      ['packages/transport-zmq/src/a.ts', "import { a } from '@paxakos/core';"],
      ['packages/storage-fs/src/a.ts', "import type { a } from '@paxakos/transport-zmq';"],
      ['packages/storage-fs/src/a.ts', "import { a } from 'paxakos';"],
    ],
    good: [
      ['packages/transport-zmq/src/a.ts', "import { a } from '@paxakos/core/contracts'; import * as z from 'zeromq';"],
    ],
  }),
  importRule({
    title: 'a decoration imports core only through ./contracts, and types of its siblings',
    where: isDecoration,
    refuses: ({ specifier, isType }) =>
      isOurs(specifier) &&
      specifier !== '@paxakos/core/contracts' &&
      !(isType && !specifier.startsWith('@paxakos/core')),
    bad: [
      ['packages/decorations/leaser/src/a.ts', "import { a } from '@paxakos/releaser';"],
      ['packages/decorations/leaser/src/a.ts', "import type { a } from '@paxakos/core/protocol';"],
    ],
    good: [['packages/decorations/leaser/src/a.ts', "import type { a } from '@paxakos/releaser';"]],
  }),
  importRule({
    title: 'conformance imports no test runner, and nothing of the project but core',
    where: isOf('conformance'),
    refuses: ({ specifier }) =>
      runners.test(specifier) || (isOurs(specifier) && !specifier.startsWith('@paxakos/core')),
    bad: [
      ['packages/conformance/src/a.ts', "import test from 'ava';"],
      ['packages/conformance/src/a.ts', "import test from 'node:test';"],
      ['packages/conformance/src/a.ts', "import { a } from '@paxakos/storage-fs';"],
    ],
    good: [['packages/conformance/src/a.ts', "import { a } from '@paxakos/core/memory';"]],
  }),
  importRule({
    title: 'the simulator imports no network, and nothing of the project but core and the file system of a storage',
    where: isOf('simulator'),
    refuses: ({ specifier }) =>
      /^(node:)?(net|tls|http2?|https|dgram)$/.test(specifier) ||
      (isOurs(specifier) && !specifier.startsWith('@paxakos/core') && specifier !== '@paxakos/storage-fs/file-system'),
    bad: [
      ['packages/simulator/src/a.ts', "import net from 'node:net';"],
      ['packages/simulator/src/a.ts', "import { a } from '@paxakos/transport-zmq';"],
      ['packages/simulator/src/a.ts', "import { fsStorage } from '@paxakos/storage-fs';"],
    ],
    good: [['packages/simulator/src/a.ts', "import { a } from '@paxakos/storage-fs/file-system';"]],
  }),
  nameRule({
    title: 'the simulator knows no real time and no unseeded randomness',
    where: (path) => isOf('simulator')(path) && path !== eventLoopTurn,
    names: ambient,
    bad: [['packages/simulator/src/a.ts', 'setTimeout(() => {}, 1);']],
    good: [[eventLoopTurn, 'setImmediate(() => {});']],
  }),
  importRule({
    title: 'a package reaches another one by its name, never by a path',
    where: (path) => packageOf(path) !== undefined && isScript(path),
    refuses: ({ path, target }) =>
      target !== undefined && target !== sharedConfiguration && packageOf(target) !== packageOf(path),
    bad: [
      ['packages/paxakos/src/a.ts', "import { a } from '../../core/src/index.ts';"],
      ['packages/storage-fs/test/a.test.ts', "import { a } from '../../conformance/src/storage/index.ts';"],
      ['bench/src/a.ts', "import { a } from '../../packages/core/dist/index.js';"],
    ],
    good: [
      ['packages/core/test/a.test.ts', "import { a } from '../src/index.ts'; import { b } from '@paxakos/core';"],
      ['packages/core/ava.config.js', "import base from '../../ava.base.js';"],
    ],
  }),
  declaredRule(),
];

/** `@scope/name/door` → `@scope/name`. */
const packageName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function undeclared(files, path, text) {
  const manifest = JSON.parse(files.get(`${packageOf(path)}/package.json`) ?? '{}');
  const { name, dependencies, peerDependencies, devDependencies } = manifest;
  const declared = { [name]: '', ...dependencies, ...peerDependencies, ...(isSource(path) ? {} : devDependencies) };
  return importsOf(path, text)
    .filter(({ specifier }) => !isRelative(specifier) && !isNode(specifier) && !(packageName(specifier) in declared))
    .map(({ specifier, line }) => `${path}:${line}: imports ${specifier}, which package.json doesn't name`);
}

function declaredRule() {
  const isCode = (path) => isScript(path) && packageOf(path) !== undefined;
  const manifest = ['packages/a/package.json', '{"name":"a","dependencies":{"b":"1"},"devDependencies":{"c":"1"}}'];
  return {
    title: 'what a file imports, its package.json names; a source never imports a development dependency',
    check: (files) => [...files].flatMap(([path, text]) => (isCode(path) ? undeclared(files, path, text) : [])),
    bad: [
      [manifest, ['packages/a/src/x.ts', "import 'c';"]],
      [manifest, ['packages/a/test/x.test.ts', "import 'd/door';"]],
    ],
    good: [
      [manifest, ['packages/a/src/x.ts', "import 'b/door'; import 'node:fs';"]],
      [manifest, ['packages/a/test/x.test.ts', "import 'c'; import 'a';"]],
    ],
  };
}
