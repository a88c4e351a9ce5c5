// Goal: however the demonstration ends, it ends as it should and leaves no process behind. Real processes.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { StateDocument } from '../../src/calculator/state-text.ts';
import { appended, DemoRun, dataFolder, endlessLines, killHard, processesOf, survivors } from '../demo-run.ts';

const sound = { lost: 0, appliedTwice: 0, altered: 0, equal: true, kills: 1 };

test.serial('it stays up until Ctrl-C, serves meanwhile, revives a node, and leaves no process behind', async (t) => {
  const data = dataFolder(t);
  const run = new DemoRun(t, ['demo', '--data', data, '--operations', '500']);
  const [, url] = await run.says(/curl --data '.*' (http:\S+)\/append/);
  t.like(await run.printed(), { ...sound, acknowledged: 500 });
  await appended(t, url, '{"id":"mine","type":"add","value":1}');
  const second = new DemoRun(t, ['demo', '--once', '--data', data]);
  t.is(await second.ended(), 1);
  t.regex(second.err, /another demonstration uses .*: stop it, or choose another directory with --data/);
  const status = new DemoRun(t, ['status', '--data', data]);
  t.is(await status.ended(), 0);
  t.regex(status.out, /^n1 {2}(leading|following), active, round [\d,]+ of [\d,]+/);
  killHard(run.pids[1]);
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
    const run = new DemoRun(t, ['demo', '--data', dataFolder(t), '--input', '-'], { input: endlessLines });
    await run.says(/SIGKILL to/);
    run.process.kill(signal);
    t.is(await run.ended(), code);
    t.deepEqual(await survivors(run.pids), []);
  }
});

test.serial('a parent that is killed leaves no process behind', async (t) => {
  const run = new DemoRun(t, ['demo', '--data', dataFolder(t), '--input', '-'], { input: endlessLines });
  await run.says(/SIGKILL to/);
  run.process.kill('SIGKILL');
  await run.ended();
  t.deepEqual(await survivors(run.pids), []);
});

test.serial('a parent that is killed while its nodes load leaves no process behind either', async (t) => {
  for (let ms = 0; ms <= 180; ms += 30) {
    const data = dataFolder(t);
    const run = new DemoRun(t, ['demo', '--data', data, '--operations', '1000']);
    while (processesOf(data).length < 2) await sleep(10);
    await sleep(ms);
    run.process.kill('SIGKILL');
    await run.ended();
    t.deepEqual(await survivors(processesOf(data)), [], `killed ${ms} ms after the first nodes were there`);
    t.deepEqual(processesOf(data), []);
  }
});
