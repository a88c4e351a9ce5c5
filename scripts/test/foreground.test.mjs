// Goal: a program in the foreground ends as if it had been started directly. Method: a wrapper process around a small child.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test from 'ava';

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
