// Goal: a program in the foreground ends as if it had been started directly, and a signal ends everything below it. Method: a
// wrapper process around a small child, and around turbo with a task that never ends.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { environment } from '../bootstrap.mjs';

const wrapper = (child) => `
  import { runForeground } from ${JSON.stringify(new URL('../foreground.mjs', import.meta.url).href)};
  const args = ['--input-type=module', '-e', ${JSON.stringify(child)}, 'a b', '--flag'];
  process.exitCode = await runForeground(process.execPath, args, { cwd: '/', env: process.env });
`;

/** Starts a wrapper around a child program; `line(text)` is told each line, with the wrapper's process. */
function start(child, onLine = () => {}) {
  return new Promise((done) => {
    const process_ = spawn(process.execPath, ['--input-type=module', '-e', wrapper(child)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // no terminal's foreground group
    });
    const lines = [];
    createInterface({ input: process_.stdout }).on('line', (text) => {
      lines.push(text);
      onLine(text, process_);
    });
    process_.on('close', (code) => done({ code, lines }));
  });
}

test('arguments, folder and exit code pass through', async (t) => {
  const child = 'console.log(JSON.stringify([process.argv.slice(1), process.cwd()])); process.exitCode = 7;';
  const { code, lines } = await start(child);
  t.is(code, 7);
  t.deepEqual(JSON.parse(lines[0]), [['a b', '--flag'], '/']);
});

test('a child that a signal ended gives 128 and the number of the signal', async (t) => {
  t.is((await start("process.kill(process.pid, 'SIGKILL');")).code, 137);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} reaches the child once, and the wrapper waits for its end`, async (t) => {
    const child = `
      let count = 0;
      process.on('${signal}', () => {
        count += 1;
        if (count === 1) setTimeout(() => { console.log('stopped', count); process.exit(3); }, 100);
      });
      setInterval(() => {}, 1000);
      console.log('ready');`;
    const { code, lines } = await start(child, (text, wrapperProcess) => {
      if (text !== 'ready') return;
      wrapperProcess.kill(signal);
      wrapperProcess.kill(signal); // npm sends it a second time
    });
    t.is(code, 3);
    t.deepEqual(lines, ['ready', 'stopped 1']);
  });
}

/** A workspace with one package, whose test starts a process of its own and never ends. */
function endlessWorkspace(t) {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-signals-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name, value) =>
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  mkdirSync(join(folder, 'packages/a'), { recursive: true });
  write('package.json', { name: 'root', private: true, packageManager: 'pnpm@12.21.0' });
  write('pnpm-workspace.yaml', "packages: ['packages/*']\npmOnFail: ignore\n");
  write('pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n  packages/a: {}\n");
  write('turbo.json', { tasks: { test: { cache: false } } });
  write('packages/a/package.json', { name: 'a', scripts: { test: 'true && node test.mjs' } });
  const server = "console.log('server', process.pid); setInterval(() => {}, 1000);";
  const program = `
    import { spawn } from 'node:child_process';
    spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { stdio: 'inherit' });
    console.log('test', process.pid);
    setInterval(() => {}, 1000);`;
  write('packages/a/test.mjs', program);
  return folder;
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} to the top process ends turbo, the test task and the processes that the task started`, async (t) => {
    const program = `
      import { runForeground } from ${JSON.stringify(new URL('../foreground.mjs', import.meta.url).href)};
      import { turboPath } from ${JSON.stringify(new URL('../bootstrap.mjs', import.meta.url).href)};
      await runForeground(turboPath(), ['run', 'test'], { cwd: process.cwd(), env: process.env });`;
    const top = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: endlessWorkspace(t),
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    t.teardown(() => top.kill('SIGKILL'));
    let output = '';
    const pids = () => [...output.matchAll(/(?:server|test) (\d+)/g)].map(([, pid]) => Number(pid));
    t.teardown(() =>
      pids()
        .filter(isAlive)
        .forEach((pid) => void process.kill(pid, 'SIGKILL')),
    );
    const started = new Promise((resolve, reject) => {
      for (const stream of [top.stdout, top.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
          if (pids().length === 2) resolve();
        });
      top.on('exit', () => reject(new Error(output)));
    });
    await started;
    const exited = new Promise((resolve) => top.on('exit', () => resolve('exited')));
    const bound = new Promise((resolve) => setTimeout(resolve, 60_000, 'still running').unref());
    top.kill(signal);
    t.is(await Promise.race([exited, bound]), 'exited');
    for (let tries = 0; tries < 600 && pids().some(isAlive); tries += 1)
      await new Promise((done) => setTimeout(done, 100));
    t.deepEqual(pids().filter(isAlive), []);
  });
}
