// A copy of the packages in which bugs are put, so that the working tree never has one.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../bootstrap.mjs';
import { mutated } from './mutants-of.mjs';

const packages = ['core', 'storage-fs', 'conformance', 'simulator'];
/** Compiled here, with their tests. */
const tested = ['core', 'storage-fs'];
const scratch = new Set(['reports', 'coverage', '.turbo']);

/** One file of TypeScript as the compiler would emit it, but for its types: those are checked elsewhere. */
function compiled(source) {
  const { code } = transformSync(source, {
    loader: 'ts',
    target: 'es2023',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return code.replace(/(from\s*|import\(\s*)(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2');
}

export class Laboratory {
  #folder = mkdtempSync(join(tmpdir(), 'paxakos-mutants-'));
  #children = new Set();

  constructor() {
    for (const name of ['package.json', 'tsconfig.base.json', 'tsconfig.test.base.json', 'ava.base.js'])
      cpSync(join(root, name), join(this.#folder, name));
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'));
    mkdirSync(join(this.#folder, 'packages'));
    const filter = (path) => !scratch.has(basename(path));
    for (const name of packages) {
      cpSync(join(root, 'packages', name), this.path(name), { recursive: true, verbatimSymlinks: true, filter });
    }
    for (const name of tested) {
      const { status, stdout } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.test.json'], {
        cwd: this.path(name),
      });
      if (status !== 0) throw new Error(`the tests of ${name} do not compile: ${String(stdout)}`);
    }
  }

  /** The folder of a package. */
  path(name) {
    return join(this.#folder, 'packages', name);
  }

  /** Puts a bug in; gives what takes it out again. */
  plant(mutant) {
    const [, name, path] = /^packages\/([^/]+)\/src\/(.*)\.ts$/.exec(mutant.file);
    const code = compiled(mutated(mutant, readFileSync(join(root, mutant.file), 'utf8')));
    const places = ['dist', 'build/src'].map((folder) => join(this.path(name), folder, `${path}.js`));
    const before = places.map((place) => readFileSync(place));
    for (const place of places) writeFileSync(place, code);
    return () => {
      for (const [index, place] of places.entries()) writeFileSync(place, before[index]);
    };
  }

  /** Runs a program of Node's in a package; resolves to what it printed and its exit code, `undefined` where it never ends. */
  run(name, args, timeoutMs) {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, args, { cwd: this.path(name), stdio: ['ignore', 'pipe', 'pipe'] });
      this.#children.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
      let code;
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.on('exit', (status) => {
        code = status ?? undefined;
      });
      child.on('close', () => {
        clearTimeout(timer);
        this.#children.delete(child);
        resolve({ code, output });
      });
    });
  }

  close() {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
