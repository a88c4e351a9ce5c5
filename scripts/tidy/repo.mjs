// Rules about the repository: manifests, READMEs, changesets, and what no committed file may say.
import { fileRule, isScript } from './rule.mjs';

/** Written apart, so that no rule finds its own examples. */
const apart = (...parts) => parts.join('');

const isManifest = (path) => /^packages\/(decorations\/)?[^/]+\/package\.json$/.test(path);
const isPackageReadme = (path) => /^packages\/(decorations\/)?[^/]+\/README\.md$/.test(path);
const headings = ['What it does', 'Install', 'Use', 'Options', 'Guarantees', 'Errors'];

const sound = {
  name: 'a',
  version: '0.0.0',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.19' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  files: ['dist', 'src'],
  publishConfig: { access: 'public' },
  scripts: { build: '', test: '' },
};
const manifestWith = (change) => ['packages/a/package.json', JSON.stringify({ ...sound, ...change })];

function* manifestProblems(_path, text) {
  const manifest = JSON.parse(text);
  if (manifest.private === true) return;
  const { name, exports = {}, files = [], scripts = {} } = manifest;
  if (manifest.type !== 'module') yield ': type is not module';
  if (manifest.license !== 'Apache-2.0') yield ': license is not Apache-2.0';
  if (manifest.sideEffects !== false) yield ': sideEffects is not false';
  if (manifest.engines?.node !== '>=20.19') yield ': engines.node is not >=20.19';
  if (manifest.publishConfig?.access !== 'public') yield ': publishConfig.access is not public';
  if (!(files.includes('dist') && files.includes('src'))) yield ': files lacks dist or src';
  if (scripts.build === undefined || scripts.test === undefined) yield ': has no build or test script';
  if (exports['./package.json'] !== './package.json') yield ': does not export ./package.json';
  for (const [door, target] of Object.entries(exports)) {
    if (door !== './package.json' && Object.keys(target)[0] !== 'types') yield `: exports ${door} without types first`;
    if (door.includes('*')) yield `: exports a pattern, ${door}`;
  }
  const isPlugin = name.startsWith('@paxakos/') && !['@paxakos/core', '@paxakos/simulator'].includes(name);
  // A narrower range would push each plugin to its next major whenever core, below 1.0, gets a minor.
  const peer = manifest.peerDependencies?.['@paxakos/core'];
  if (isPlugin && !/^workspace:\^\d+$/.test(peer))
    yield ': core is not a peer dependency of the range workspace:^MAJOR';
  if (isPlugin && manifest.dependencies?.['@paxakos/core'] !== undefined) yield ': core is a dependency, not a peer';
  const own = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies });
  for (const [dependency, range] of own)
    if (/^(@paxakos\/|paxakos$)/.test(dependency) && !range.startsWith('workspace:'))
      yield `: ${dependency} is not the workspace's`;
}

const coreManifest = (change) => [
  ['packages/core/package.json', JSON.stringify({ ...sound, name: '@paxakos/core', ...change })],
];

const changesetConfig = {
  access: 'public',
  baseBranch: 'main',
  fixed: [],
  linked: [],
  ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: { onlyUpdatePeerDependentsWhenOutOfRange: true },
};
const configWith = (change) => ['.changeset/config.json', JSON.stringify({ ...changesetConfig, ...change })];

/** The packages that the front matter of a changeset names. */
const changesetPackages = (text) =>
  [...(/^---\n(.*?)\n---/s.exec(text)?.[1] ?? '').matchAll(/^['"]?([^'":]+)['"]?:/gm)].map(([, name]) => name);

function strayChangesets(files) {
  const names = new Set([...files].flatMap(([path, text]) => (isManifest(path) ? [JSON.parse(text).name] : [])));
  return [...files]
    .filter(([path]) => /^\.changeset\/(?!README)[^/]+\.md$/.test(path))
    .flatMap(([path, text]) => {
      const named = changesetPackages(text);
      if (named.length === 0) return [`${path}: names no package`];
      return named.filter((name) => !names.has(name)).map((name) => `${path}: names ${name}, which is no package`);
    });
}

const machinePath = /(?:^|[\s'"`(=:])(?:\/(?:work|farm)\/[\w.]|\/(?:home|Users)\/[a-z][\w.-]*\/|\/tmp\/[a-z_]+_jobs)/;
const registryHost = /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\bnpm\.pkg\.[a-z]|_auth[T]oken|^\s*@?[\w:-]*registry\s*=/i;

function* linesMatching(text, pattern, says) {
  for (const [at, line] of text.split('\n').entries())
    if (pattern.test(line)) yield `:${at + 1}: ${says}: ${line.trim().slice(0, 80)}`;
}

const unfinished = new RegExp(
  `(?://|/\\*|^\\s*\\*).*\\b(?:${apart('TO', 'DO')}|${apart('FIX', 'ME')}|${apart('X', 'XX')})\\b`,
);
const muted = /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|failing)\b/;

/** The samples of a README: each ```ts block, and the file that the comment before it names. */
function samplesOf(text) {
  const block = /(?:<!-- sample: (\S+) -->\n)?```ts\n([\s\S]*?)```/g;
  return [...text.matchAll(block)].map(([, path, code]) => ({ path, code }));
}

function sampleProblems(files) {
  return [...files].flatMap(([readme, text]) => {
    if (!/(^|\/)README\.md$|^docs\/guides\/.*\.md$/.test(readme)) return [];
    return samplesOf(text).flatMap(({ path, code }) => {
      if (path === undefined) return [`${readme}: a sample without a comment that names its file`];
      if (!/^examples\/(src|test)\//.test(path)) return [`${readme}: ${path} is not one of the examples`];
      return files.get(path) === code ? [] : [`${readme}: the sample is not the same as ${path}`];
    });
  });
}

export const repoRules = [
  {
    title: 'a TypeScript sample in a README is a file of the examples, which the tests run',
    check: sampleProblems,
    bad: [
      [['README.md', '```ts\na();\n```\n']],
      [
        ['README.md', '<!-- sample: examples/src/a.ts -->\n```ts\na();\n```\n'],
        ['examples/src/a.ts', 'b();\n'],
      ],
      [
        ['packages/a/README.md', '<!-- sample: packages/a/src/a.ts -->\n```ts\na();\n```\n'],
        ['packages/a/src/a.ts', 'a();\n'],
      ],
    ],
    good: [
      [
        ['README.md', '<!-- sample: examples/src/a.ts -->\n```ts\na();\n```\n'],
        ['examples/src/a.ts', 'a();\n'],
      ],
    ],
  },
  fileRule({
    title: 'each manifest of a public package is complete, and its exports name the types first',
    where: isManifest,
    check: manifestProblems,
    bad: [
      manifestWith({ type: undefined }),
      manifestWith({ license: 'MIT' }),
      manifestWith({ sideEffects: true }),
      manifestWith({ engines: {} }),
      manifestWith({ publishConfig: {} }),
      manifestWith({ files: ['dist'] }),
      manifestWith({ scripts: {} }),
      manifestWith({ exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } } }),
      manifestWith({ exports: { ...sound.exports, './*': { types: './dist/*.d.ts' } } }),
      manifestWith({ name: '@paxakos/leaser' }),
      manifestWith({ name: '@paxakos/leaser', peerDependencies: { '@paxakos/core': 'workspace:^' } }),
      manifestWith({ dependencies: { '@paxakos/core': '^1.0.0' } }),
    ],
    good: [
      manifestWith({}),
      manifestWith({ name: '@paxakos/leaser', peerDependencies: { '@paxakos/core': 'workspace:^0' } }),
      manifestWith({ private: true, type: undefined }),
    ],
  }),
  fileRule({
    title: 'core has no runtime dependency, and does not depend on the packages that depend on it',
    where: (path) => path === 'packages/core/package.json',
    *check(_path, text) {
      const { dependencies, peerDependencies, optionalDependencies, devDependencies } = JSON.parse(text);
      for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }))
        yield `: depends on ${name}`;
      for (const name of Object.keys(devDependencies ?? {}))
        if (name.startsWith('@paxakos/')) yield `: depends on ${name}`;
    },
    bad: [
      coreManifest({ dependencies: { a: '1' } }),
      coreManifest({ devDependencies: { '@paxakos/conformance': 'workspace:^' } }),
    ],
    good: [coreManifest({ devDependencies: { ava: '7.0.0' } })],
  }),
  {
    title: 'the root tsconfig.json builds each package',
    check: (files) => {
      const built = new Set(JSON.parse(files.get('tsconfig.json') ?? '{}').references?.map(({ path }) => path));
      const folders = [...files.keys()].filter(isManifest).map((path) => path.replace('/package.json', ''));
      return folders
        .filter((folder) => !built.has(folder))
        .map((folder) => `tsconfig.json: does not reference ${folder}`);
    },
    bad: [[manifestWith({}), ['tsconfig.json', '{"references":[]}']]],
    good: [[manifestWith({}), ['tsconfig.json', '{"references":[{"path":"packages/a"}]}']]],
  },
  {
    title: 'each package has a README',
    check: (files) =>
      [...files.keys()]
        .filter((path) => isManifest(path) && !files.has(path.replace('package.json', 'README.md')))
        .map((path) => `${path}: no README.md beside it`),
    bad: [[manifestWith({})]],
    good: [[manifestWith({}), ['packages/a/README.md', '']]],
  },
  fileRule({
    title: `a package's README has the headings ${headings.join(' · ')}, in this order`,
    where: isPackageReadme,
    *check(_path, text) {
      const found = [...text.matchAll(/^## (.+?)\s*$/gm)]
        .map(([, title]) => title)
        .filter((title) => headings.includes(title));
      if (found.join() !== headings.join()) yield `: has ${found.join(' · ') || 'none'}`;
    },
    bad: [
      ['packages/a/README.md', '# a'],
      [
        'packages/a/README.md',
        headings
          .toReversed()
          .map((title) => `## ${title}\n`)
          .join(''),
      ],
    ],
    good: [['packages/a/README.md', `${headings.map((title) => `## ${title}\n`).join('')}## Conformance\n`]],
  }),
  fileRule({
    title: 'changesets version each package on its own, publicly, from main',
    where: (path) => path === '.changeset/config.json',
    *check(_path, text) {
      const config = JSON.parse(text);
      for (const key of [
        'access',
        'baseBranch',
        'fixed',
        'linked',
        '___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH',
      ])
        if (JSON.stringify(config[key]) !== JSON.stringify(changesetConfig[key]))
          yield `: ${key} is ${JSON.stringify(config[key])}`;
    },
    bad: [
      configWith({ access: 'restricted' }),
      configWith({ fixed: [['a', 'b']] }),
      configWith({ baseBranch: 'trunk' }),
    ],
    good: [configWith({})],
  }),
  {
    title: 'a changeset names packages that exist',
    check: strayChangesets,
    bad: [
      [manifestWith({}), ['.changeset/x.md', "---\n'b': minor\n---\n\nB."]],
      [manifestWith({}), ['.changeset/x.md', 'B.']],
    ],
    good: [[manifestWith({}), ['.changeset/x.md', "---\n'a': minor\n---\n\nA."]]],
  },
  fileRule({
    title: 'nothing is left unfinished in the code',
    where: isScript,
    check: (_path, text) => linesMatching(text, unfinished, 'unfinished'),
    bad: [['packages/a/src/a.ts', `// ${apart('TO', 'DO')}: later`]],
    good: [['packages/a/src/a.ts', '// Done.']],
  }),
  fileRule({
    title: 'no test is muted or runs alone',
    where: (path) => isScript(path),
    check: (_path, text) => linesMatching(text, muted, 'muted or alone'),
    bad: [
      ['packages/a/test/a.test.ts', apart('test.', "skip('a')")],
      ['packages/a/test/a.test.ts', apart('test.serial.', "only('a')")],
    ],
    good: [['packages/a/test/a.test.ts', "test.serial('a')"]],
  }),
  fileRule({
    title: 'no file names a path of one machine',
    where: () => true,
    check: (_path, text) => linesMatching(text, machinePath, 'a path of one machine'),
    bad: [
      ['README.md', apart('cd /wo', 'rk/main')],
      ['a.json', apart('"/ho', 'me/someone/a"')],
    ],
    good: [['README.md', 'https://example.org/home/a/main']],
  }),
  fileRule({
    title: 'no file names the host of a package registry',
    where: () => true,
    check: (_path, text) => linesMatching(text, registryHost, 'a package registry'),
    bad: [
      ['pnpm-lock.yaml', apart('tarball: https://regis', 'try.example.org/a.tgz')],
      ['.npmrc', apart('regis', 'try=https://example.org')],
    ],
    good: [['README.md', 'A decoration registry is kept by the node.']],
  }),
  fileRule({
    title: 'pnpm-lock.yaml names versions and checksums, never addresses',
    where: (path) => path === 'pnpm-lock.yaml',
    check: (_path, text) => linesMatching(text, /\btarball:|https?:\/\//, 'an address'),
    bad: [['pnpm-lock.yaml', `resolution: {integrity: a, ${apart('tarball', ':')} b}`]],
    good: [['pnpm-lock.yaml', 'https-proxy-agent@7.0.6:\n  resolution: {integrity: a}']],
  }),
];
