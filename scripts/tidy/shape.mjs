// The shape of files and folders: sizes, depth, names, doors, and no file that nobody needs.
import { posix } from 'node:path';
import { fileRule, isIndex, isOwnCode, isScript, isSource, packageOf } from './rule.mjs';
import { exportsOf, functionsOf, importsOf, kebab, parse, resolveRelative } from './source.mjs';

const linesMax = 400;
const functionLinesMax = 70;
const lines = (count, line) => Array.from({ length: count }, () => line).join('\n');

/** `status-errors` → `['status', 'error']`; `numbers` are those of `RoundNum` and `CoordNum`. */
const wordsOf = (name) =>
  name
    .split('-')
    .map((word) => (word.length > 3 ? word.replace(/(?<!s|u)s$/, '') : word))
    .map((word) => (word === 'number' ? 'num' : word));

function isNamedAfter(file, name) {
  const words = wordsOf(kebab(name));
  return wordsOf(file).every((word) => words.includes(word));
}

export const shapeRules = [
  fileRule({
    title: `a file has at most ${linesMax} lines`,
    where: isOwnCode,
    *check(_path, text) {
      const count = text.trimEnd().split('\n').length;
      if (count > linesMax) yield `: ${count} lines`;
    },
    bad: [['packages/core/src/a.ts', lines(linesMax + 1, '//')]],
    good: [['packages/core/src/a.ts', `${lines(linesMax, '//')}\n`]],
  }),
  fileRule({
    title: `a function has at most ${functionLinesMax} lines`,
    where: isOwnCode,
    check: (path, text) =>
      functionsOf(path, text).flatMap((f) => (f.lines > functionLinesMax ? [`:${f.line}: ${f.lines} lines`] : [])),
    bad: [
      ['packages/core/src/a.ts', `function a() {\n${lines(functionLinesMax - 1, '//')}\n}`],
      ['scripts/a.mjs', `class A {\n  b() {\n${lines(functionLinesMax, '//')}\n}\n}`],
      ['bench/src/a.ts', `export const a = () => {\n${lines(functionLinesMax, '//')}\n}`],
    ],
    good: [['packages/core/src/a.ts', `function a() {\n${lines(functionLinesMax - 2, '//')}\n}`]],
  }),
  fileRule({
    title: 'at most two folders below src',
    where: isSource,
    check: (path) => (path.replace(/^.*?\/src\//, '').split('/').length > 3 ? [': too deep'] : []),
    bad: [['packages/core/src/a/b/c/d.ts', '']],
    good: [['packages/core/src/a/b/c.ts', '']],
  }),
  fileRule({
    title: 'an index.ts holds no logic: export statements and comments only',
    where: (path) => isSource(path) && isIndex(path),
    check: (path, text) =>
      parse(path, text).body.flatMap((node) => {
        const isExport =
          node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && !node.declaration);
        return isExport ? [] : [`: ${text.slice(node.start, node.end).split('\n')[0]}`];
      }),
    bad: [
      ['packages/core/src/index.ts', 'export const a = 1;'],
      ['packages/core/src/index.ts', "import { a } from './a.ts';"],
      ['packages/core/src/a/index.ts', 'export default 1;'],
    ],
    good: [
      ['packages/core/src/index.ts', "// A comment.\nexport { a } from './a.ts';\nexport type { B } from './b.ts';"],
    ],
  }),
  fileRule({
    title: 'the front door of core names each of its exports',
    where: (path) => path === 'packages/core/src/index.ts',
    check: (path, text) => exportsOf(path, text).flatMap((name) => (name === '*' ? [': has an `export *`'] : [])),
    bad: [['packages/core/src/index.ts', "export * from './a.ts';"]],
    good: [['packages/core/src/index.ts', "export { a } from './a.ts';"]],
  }),
  fileRule({
    title: 'a source has no default export',
    where: isSource,
    check: (path, text) =>
      exportsOf(path, text).flatMap((name) => (name === 'default' ? [': has a default export'] : [])),
    bad: [['packages/core/src/a.ts', 'export default 1;']],
    good: [['packages/core/src/a.ts', 'export const a = 1;']],
  }),
  fileRule({
    title: 'a source is named after one of its exports',
    where: (path) => isSource(path) && !isIndex(path) && !path.endsWith('.d.ts'),
    *check(path, text) {
      const names = exportsOf(path, text);
      const file = posix.basename(path, '.ts');
      if (!names.some((name) => isNamedAfter(file, name))) yield `: exports ${names.join(', ') || 'nothing'}`;
    },
    bad: [
      ['packages/core/src/helpers.ts', 'export const majorityOf = 1;'],
      ['packages/core/src/node-info.ts', 'export interface Info { a: 1 }'],
    ],
    good: [
      ['packages/core/src/node-info.ts', 'export interface NodeInfo { a: 1 }'],
      ['packages/core/src/errors.ts', 'export class AppendError {}'],
      ['packages/core/src/numbers.ts', 'export type RoundNum = number;'],
    ],
  }),
  reachableRule(),
];

/** The sources behind a package's doors and programs. */
function doorsOf(folder, manifest) {
  const targets = [];
  const collect = (value) => {
    if (typeof value === 'string') targets.push(value);
    else for (const each of Object.values(value ?? {})) collect(each);
  };
  collect(manifest.exports);
  collect(manifest.bin);
  if (manifest.name === '@paxakos/bench') targets.push('dist/main.js');
  if (manifest.name === '@paxakos/simulator') targets.push('bin/explore.js');
  return [...new Set(targets.map((target) => sourceOf(posix.join(folder, target))))];
}

/** `packages/core/dist/a.js` → `packages/core/src/a.ts`. */
const sourceOf = (path) => path.replace(/^(.*?)\/dist\/(.*?)(\.d\.ts|\.js)$/, '$1/src/$2.ts');

function reachableFrom(files, doors) {
  const seen = new Set();
  const open = [...doors];
  while (open.length > 0) {
    const path = open.pop();
    if (seen.has(path) || !files.has(path) || !isScript(path)) continue;
    seen.add(path);
    for (const { specifier } of importsOf(path, files.get(path))) {
      if (specifier.startsWith('.'))
        open.push(
          sourceOf(resolveRelative(path, specifier)),
          sourceOf(resolveRelative(path, specifier)).replace(/\.js$/, '.ts'),
        );
    }
  }
  return seen;
}

function deadFiles(files) {
  return [...files.keys()]
    .filter((path) => path.endsWith('/package.json') && packageOf(path) === posix.dirname(path))
    .flatMap((path) => {
      const folder = posix.dirname(path);
      const alive = reachableFrom(files, doorsOf(folder, JSON.parse(files.get(path))));
      const own = [...files.keys()].filter(
        (file) => file.startsWith(`${folder}/src/`) && isOwnCode(file) && packageOf(file) === folder,
      );
      return own
        .filter((file) => !alive.has(file) && !file.endsWith('.d.ts'))
        .map((file) => `${file}: no door leads to it`);
    });
}

function reachableRule() {
  const manifest = [
    'packages/a/package.json',
    '{"exports":{".":{"default":"./dist/index.js"}},"bin":{"a":"bin/a.js"}}',
  ];
  const index = ['packages/a/src/index.ts', "export { b } from './b.ts';"];
  return {
    title: 'no dead files: a door or a program of its package leads to each source',
    check: deadFiles,
    bad: [[manifest, index, ['packages/a/src/b.ts', ''], ['packages/a/src/c.ts', '']]],
    good: [
      [
        manifest,
        index,
        ['packages/a/src/b.ts', "const url = new URL('./c.ts', import.meta.url);"],
        ['packages/a/src/c.ts', ''],
      ],
      [manifest, ['packages/a/bin/a.js', "import '../dist/d.js';"], ['packages/a/src/d.ts', '']],
    ],
  };
}
