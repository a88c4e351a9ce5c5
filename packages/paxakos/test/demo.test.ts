// Goal: the demonstration proves what it says it does, whatever ends its processes, and leaves none behind. Real processes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { StateDocument } from '../src/calculator/state-text.ts';
import { DemoRun, dataFolder, processesOf, program, survivors } from './demo-run.ts';

const sound = { lost: 0, appliedTwice: 0, altered: 0, equal: true, kills: 1 };

test.serial('it kills the leading process in the middle of a load, and nothing is lost or applied twice', async (t) => {
  const data = dataFolder(t);
  const run = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '6000']);
  t.is(await run.ended(), 0, run.err);
  t.like(run.result, { ...sound, acknowledged: 6_000, invalid: 0, acknowledgedBefore: 0, forgotten: 0 });
  t.true(run.result.leaderlessMs > 0);
  t.true(run.result.appendsPerSecond > 0);
  t.is(run.out.trimEnd().split('\n').length, 1);
  t.is(run.pids.length, 5); // three, the killed one, and what it was started as again
  t.deepEqual(await survivors(run.pids), []);

  const again = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '1']);
  t.is(await again.ended(), 0, again.err);
  t.like(again.result, { ...sound, acknowledged: 1 });
  t.is(again.result.acknowledgedBefore, 6_000);
  t.regex(run.err, /each of 6,000 acknowledged operations is in them once/);
  t.regex(again.err, /of 6,000 operations acknowledged before, none is lost/);

  const fresh = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '100', '--fresh']);
  t.is(await fresh.ended(), 0, fresh.err);
  t.like(fresh.result, { ...sound, acknowledged: 100, acknowledgedBefore: 0 });
});

test.serial(
  'it kills the leading process again and again, and measures how long it takes until appends go on',
  async (t) => {
    const run = new DemoRun(t, ['demo', '--once', '--data', dataFolder(t), '--kills', '3', '--fast']);
    t.is(await run.ended(), 0, run.err);
    t.like(run.result, { ...sound, kills: 3, invalid: 0, forgotten: 0 });
    t.is(run.err.match(/SIGKILL to/g)?.length, 3);
    t.is(run.err.match(/appends go on, at/g)?.length, 3);
    t.true(run.result.leaderlessMs > 0 && run.result.leaderlessMs <= run.result.leaderlessMsMax);
    t.true(run.result.leaderlessMsMax < 5_000, `${run.result.leaderlessMsMax} ms`);
    const both = new DemoRun(t, ['demo', '--once', '--kills', '2', '--operations', '5']);
    t.is(await both.ended(), 2);
    t.regex(both.err, /--kills makes up as many operations as it takes/);
  },
);

test.serial(
  'lines of a file that are no operations are reported with number and reason, and stop nothing',
  async (t) => {
    const data = dataFolder(t);
    const lines = Array.from({ length: 3_000 }, (_, index) => `{"id":"${index}","type":"add","value":${index}}`);
    lines[16] = 'what is this?';
    lines[2_000] = '{"type":"div","value":"two"}';
    lines[2_500] = lines[7] as string; // the same once more
    lines[2_501] = '{"id":"7","type":"sub","value":1}'; // not the same
    const file = join(data, 'input');
    writeFileSync(file, lines.join('\n'));
    const run = new DemoRun(t, ['demo', '--once', '--data', join(data, 'data'), '--input', file]);
    t.is(await run.ended(), 0, run.err);
    t.like(run.result, { ...sound, acknowledged: 2_997, invalid: 3 });
    t.regex(run.err, /line 17: it is neither a JSON object/);
    t.regex(run.err, /line 2001: value is "two": give a finite number/);
    t.regex(run.err, /line 2502: the id belongs to another operation/);
    const skipped = new Set([16, 2_000, 2_500, 2_501]);
    const sum = lines.reduce((total, _, index) => (skipped.has(index) ? total : total + index), 0);
    t.is(run.result.value, sum);
  },
);

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

test.serial(
  'all three killed in the middle of a load: started again, all that was acknowledged is there',
  async (t) => {
    const data = dataFolder(t);
    const first = new DemoRun(t, ['demo', '--data', data, '--operations', '1000000']);
    await first.says(/appending: /);
    const before = first.pids;
    for (const pid of before) killHard(pid);
    t.is(await first.ended(), 1);
    t.regex(first.err, /all nodes are gone; started again, it goes on from/);

    const second = new DemoRun(t, ['demo', '--data', data, '--operations', '1000000']);
    await second.says(/appending: /);
    second.process.kill('SIGKILL');
    for (const pid of second.pids) killHard(pid);
    await second.ended();

    const third = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '500']);
    t.is(await third.ended(), 0, third.err);
    t.like(third.result, { ...sound, acknowledged: 500 });
    t.true(third.result.acknowledgedBefore > 1_000);
    t.deepEqual(await survivors([...before, ...second.pids, ...third.pids]), []);
  },
);

test.serial('it kills no node while another one is down', async (t) => {
  const run = new DemoRun(t, ['demo', '--once', '--data', dataFolder(t), '--operations', '30000']);
  await run.says(/n3 serves/);
  killHard(run.pids[1] ?? 0);
  t.is(await run.ended(), 0, run.err);
  t.like(run.result, { ...sound, acknowledged: 30_000 });
  t.regex(run.err, /n2 ended: SIGKILL[\s\S]*n2 is up again[\s\S]*SIGKILL to/);
});

test.serial('it stays up until Ctrl-C, serves meanwhile, revives a node, and leaves no process behind', async (t) => {
  const data = dataFolder(t);
  const run = new DemoRun(t, ['demo', '--data', data, '--operations', '500']);
  const [, url] = await run.says(/curl --data '.*' (http:\S+)\/append/);
  t.like(run.result, { ...sound, acknowledged: 500 });
  const response = await fetch(`${url}/append`, { method: 'POST', body: '{"id":"mine","type":"add","value":1}' });
  t.is(response.status, 200);
  const second = new DemoRun(t, ['demo', '--once', '--data', data]);
  t.is(await second.ended(), 1);
  t.regex(second.err, /another demonstration uses .*: stop it, or choose another directory with --data/);
  const status = new DemoRun(t, ['status', '--data', data]);
  t.is(await status.ended(), 0);
  t.regex(status.out, /^n1 {2}(leading|following), active, round \d+ of \d+/);
  killHard(run.pids[1] ?? 0);
  await run.says(/n2 ended: SIGKILL[\s\S]*n2 is up again/);
  const [, revived] = await run.says(/n2 ended[\s\S]*n2 is up again \(process (\d+)\)/);
  t.not(Number(revived), run.pids[1]);
  const states = await Promise.all([url].map(async (each) => (await fetch(`${each}/state`)).json()));
  t.true((states[0] as StateDocument).operations.some(([id]) => id === 'mine'));
  run.process.kill('SIGINT');
  t.is(await run.ended(), 0);
  t.deepEqual(await survivors(run.pids), []);
});

test.serial('Ctrl-C in the middle of a load ends it with 130, SIGTERM with 143; no process is left', async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const run = new DemoRun(t, ['demo', '--data', dataFolder(t), '--operations', '40000']);
    await run.says(/SIGKILL to/);
    run.process.kill(signal);
    t.is(await run.ended(), code);
    t.deepEqual(await survivors(run.pids), []);
  }
});

test.serial('a parent that is killed leaves no process behind', async (t) => {
  const run = new DemoRun(t, ['demo', '--data', dataFolder(t), '--operations', '40000']);
  await run.says(/SIGKILL to/);
  run.process.kill('SIGKILL');
  await run.ended();
  t.deepEqual(await survivors(run.pids), []);
});

test.serial('a parent that is killed while its nodes load leaves no process behind either', async (t) => {
  for (let ms = 0; ms <= 180; ms += 30) {
    const data = dataFolder(t);
    const run = new DemoRun(t, ['demo', '--data', data, '--operations', '1000']);
    while (processesOf(data).length < 2) await sleep(2);
    await sleep(ms);
    run.process.kill('SIGKILL');
    await run.ended();
    t.deepEqual(await survivors(processesOf(data)), [], `killed ${ms} ms after the first nodes were there`);
    t.deepEqual(processesOf(data), []);
  }
});

test.serial('a path that is too long for a socket is no obstacle', async (t) => {
  const data = join(dataFolder(t), 'x'.repeat(120));
  const run = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '50']);
  t.is(await run.ended(), 0, run.err);
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
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 20_000 });
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

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
