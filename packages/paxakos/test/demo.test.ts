// Goal: the demonstration does its whole job, and names what it does not understand or cannot use. Real processes. What it proves
// after kills, and that it leaves no process behind, is in faults/.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DemoRun, dataFolder, program } from './demo-run.ts';
import { livenessMs } from './liveness.ts';

const sound = { lost: 0, appliedTwice: 0, altered: 0, equal: true, kills: 1 };

test.serial('standard input is read, and a load of nothing at all is proven as well', async (t) => {
  const data = dataFolder(t);
  const run = new DemoRun(t, ['demo', '--once', '--data', data, '--input', '-'], {
    input: 'add 2\nnonsense\nmul 21\n',
  });
  t.is(await run.ended(), 0, run.err);
  t.like(run.result, { ...sound, acknowledged: 2, invalid: 1, value: 42 });
  const empty = new DemoRun(t, ['demo', '--once', '--data', data, '--input', '-']);
  t.is(await empty.ended(), 0, empty.err);
  t.like(empty.result, { ...sound, acknowledged: 0, invalid: 0, value: 42 });
});

test('the command line says what it can do, and what it does not understand', (t) => {
  const cli = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  t.like(cli('--help'), { status: 0, stderr: '' });
  t.regex(cli('--help').stdout, / demo +Runs three nodes/);
  t.regex(cli('demo', '--help').stdout, /--input=<FILE>/);
  t.regex(cli('--version').stdout, /^\d+\.\d+\.\d+\n$/);
  t.like(cli(), { status: 2 });
  t.like(cli('frobnicate'), { status: 2, stderr: 'paxakos: there is no command frobnicate: see paxakos --help\n' });
  t.like(cli('demo', '--onec'), { status: 2, stderr: 'paxakos: there is no option --onec: see paxakos --help\n' });
  t.like(cli('demo', '--operations', 'many'), { status: 2 });
  t.like(cli('demo', '--once', '--input', '/nonexistent/file'), { status: 1 });
  t.regex(cli('demo', '--input', '/nonexistent/file').stderr, /cannot read \/nonexistent\/file: ENOENT/);
  for (const url of ['nonsense', 'localhost:4000']) t.like(cli('status', '--url', url), { status: 2 });
  t.regex(cli('status', '--url', 'nonsense').stderr, /--url is nonsense, which is no URL of a node: give one/);
  t.like(cli('status', '--url', 'http://127.0.0.1:1'), { status: 1, stdout: 'http://127.0.0.1:1  unreachable\n' });
});

test('a data directory or an input that cannot be used is named, with the code and the remedy', (t) => {
  const cli = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      timeout: livenessMs,
    });
    t.is(status, 1, args.join(' '));
    t.is(stderr.trimEnd().split('\n').length, 1, stderr);
    return stderr;
  };
  const folder = dataFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const remedy = 'name a directory that can be made and written to';
  t.is(
    cli('demo', '--data', file),
    `paxakos demo: --data ${file} cannot be used (ENOTDIR: ${file} is no directory): ${remedy}\n`,
  );
  t.regex(cli('demo', '--data', join(file, 'below')), /--data .* cannot be used \(ENOTDIR: .*\): name/);
  t.regex(cli('status', '--data', file), /--data .* cannot be used \(ENOTDIR: .*\): name/);
  mkdirSync(join(folder, 'data', 'acknowledged.jsonl'), { recursive: true });
  t.regex(cli('demo', '--data', join(folder, 'data')), /--data .* cannot be used \(EISDIR: .*\): name/);
  t.regex(cli('demo', '--data', folder, '--input', folder), /--input: cannot read .*: EISDIR; name a file/);
  if (process.platform !== 'linux') return;
  t.regex(cli('demo', '--data', '/proc/x/y'), /--data \/proc\/x\/y cannot be used \(ENOENT: .*\): name/);
  t.regex(cli('demo', '--data', folder, '--input', '/proc/self/mem'), /cannot read \/proc\/self\/mem: EIO; name/);
});
