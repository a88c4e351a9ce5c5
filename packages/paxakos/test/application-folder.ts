import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';

/** An application of its own, outside the workspace, with `paxakos` installed, and nothing of what that needs not. */
export class ApplicationFolder {
  readonly path: string;

  constructor(t: ExecutionContext) {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'paxakos-app-')));
    t.teardown(() => rmSync(this.path, { recursive: true, force: true }));
    writeFileSync(join(this.path, 'package.json'), '{"name":"application","private":true,"type":"module"}');
    for (const part of ['dist', 'bin', 'package.json']) {
      cpSync(resolve(part), join(this.path, 'node_modules/paxakos', part), { recursive: true });
    }
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly dependencies: object };
    for (const name of Object.keys(dependencies)) this.link(name);
  }

  /** Without the folders that whoever runs the tests may have named, where the workspace's packages are. */
  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_PATH: '', HOME: this.path };
  }

  /** Installs a package of the workspace. */
  link(name: string): void {
    const path = join(this.path, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(realpathSync(resolve('node_modules', name)), path);
  }

  /** Takes a package out again. */
  unlink(name: string): void {
    rmSync(join(this.path, 'node_modules', name));
  }

  /** What a program in this folder prints; what it says on standard error where it fails. */
  run(text: string): string {
    const path = join(this.path, 'program.js');
    writeFileSync(path, text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [path], { env: this.#env, encoding: 'utf8' });
    return status === 0 ? stdout.trimEnd() : stderr;
  }

  /** Installs a package that is made up: its manifest, and its files. */
  install(name: string, manifest: object, files: Readonly<Record<string, string>>): void {
    const all = { 'package.json': JSON.stringify({ name, version: '1.0.0', type: 'module', ...manifest }), ...files };
    for (const [file, text] of Object.entries(all)) {
      const path = join(this.path, 'node_modules', name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  /** What becomes of an address: what the transport calls itself, or the error's code and message. */
  connect(
    address: string,
    program: string = join(this.path, 'node_modules/paxakos/dist/index.js'),
    cwd: string = this.path,
  ): string {
    const text = `
      const { connectTransport } = await import(${JSON.stringify(program)});
      const given = ${JSON.stringify(address)};
      const { name, frameBytesMax } = await connectTransport(given).catch((error) => ({ name: error.code + ': ' + error.message }));
      console.log(name ?? frameBytesMax);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      cwd,
      env: this.#env,
      encoding: 'utf8',
    });
    return stderr === '' ? stdout.trimEnd() : stderr;
  }

  /** Runs the command line of the installed package. */
  cli(...args: string[]): { readonly status: number | null; readonly stderr: string } {
    const bin = join(this.path, 'node_modules/paxakos/bin/paxakos.js');
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd: this.path,
      env: this.#env,
      encoding: 'utf8',
    });
    return { status, stderr };
  }
}
