// Goal: the demonstration proves what it says it does, whatever ends its nodes. Real processes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DemoRun, dataFolder, killHard, survivors } from '../demo-run.ts';

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
    t.log(`${run.result.leaderlessMs} ms, ${run.result.leaderlessMsMax} ms at most`);
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

/** A load of which a thousand and more are acknowledged. */
const thousands = /appending: (\d+,[\d,]+) of /;

test.serial(
  'all three killed in the middle of a load: started again, all that was acknowledged is there',
  async (t) => {
    const data = dataFolder(t);
    const first = new DemoRun(t, ['demo', '--data', data, '--operations', '1000000']);
    const [, shown = ''] = await first.says(thousands);
    const before = first.pids;
    for (const pid of before) killHard(pid);
    t.is(await first.ended(), 1);
    t.regex(first.err, /all nodes are gone; started again, it goes on from/);

    const second = new DemoRun(t, ['demo', '--data', data, '--operations', '1000000']);
    await second.says(thousands);
    second.process.kill('SIGKILL');
    for (const pid of second.pids) killHard(pid);
    await second.ended();

    const third = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '500']);
    t.is(await third.ended(), 0, third.err);
    t.like(third.result, { ...sound, acknowledged: 500 });
    t.true(third.result.acknowledgedBefore >= Number(shown.replaceAll(',', '')));
    t.true(third.result.acknowledgedBefore > 1_000);
    t.deepEqual(await survivors([...before, ...second.pids, ...third.pids]), []);
  },
);

test.serial('it kills no node while another one is down', async (t) => {
  const run = new DemoRun(t, ['demo', '--once', '--data', dataFolder(t), '--input', '-'], {
    // Nothing is appended, and so no node is killed, before this one is down.
    input: async function* (self) {
      await self.says(/n3 serves/);
      killHard(self.pids[1]);
      await self.says(/n2 ended: SIGKILL/);
      yield 'add 1\n'.repeat(10_000);
    },
  });
  t.is(await run.ended(), 0, run.err);
  t.like(run.result, { ...sound, acknowledged: 10_000 });
  t.regex(run.err, /n2 ended: SIGKILL[\s\S]*n2 is up again[\s\S]*SIGKILL to/);
  t.is(run.err.match(/SIGKILL to/g)?.length, 1);
});

test.serial('a path that is too long for a socket is no obstacle', async (t) => {
  const data = join(dataFolder(t), 'x'.repeat(120));
  const run = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', '50']);
  t.is(await run.ended(), 0, run.err);
});
