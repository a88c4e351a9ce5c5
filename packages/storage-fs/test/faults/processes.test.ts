// Goal: H8, H49 with real processes. Method: children that append or hold the lock, killed with SIGKILL or stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { lockDirectory } from '../../src/directory-lock.ts';
import { encodeHolder, thisProcess } from '../../src/holder.ts';
import { fsStorage } from '../../src/index.ts';
import { numberOf } from '../model.ts';

const program = fileURLToPath(new URL('../append-child.js', import.meta.url));

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

function start(t: ExecutionContext, directory: string, what: string): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [program, directory, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  t.teardown(() => void child.kill('SIGKILL'));
  return { child, said: () => text };
}

async function untilSaid(said: () => string): Promise<void> {
  for (let waited = 0; said() === '' && waited < 60_000; waited += 5) await pause(5);
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

const ways: Record<string, { flock: string | undefined }> = {
  'with flock': { flock: 'flock' },
  'without flock': { flock: undefined },
  'where flock is missing': { flock: 'no-such-program' },
};

test.serial('H49 a killed process whose parent never asks after it holds nothing', async (t) => {
  for (const what of ['hold', 'hold-without-flock']) {
    const directory = await place(t);
    // The shell starts it, and becomes a program that does not reap children.
    const line = '"$0" "$1" "$2" "$3" & echo "pid $!"; exec sleep 60';
    const parent = spawn('sh', ['-c', line, process.execPath, program, directory, what], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => void parent.kill('SIGKILL'));
    let text = '';
    parent.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
    });
    await untilSaid(() => (text.includes('held') ? text : ''));
    const pid = Number(/pid (\d+)/.exec(text)?.[1]);
    process.kill(pid, 'SIGKILL');
    while (!/^\S+ \(.*\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await pause(5);
    // Its first thread may be one before the others have ended, and until then they could still write.
    while ((await readdir(`/proc/${pid}/task`)).length > 1) await pause(5);
    await t.notThrowsAsync(async () => (await lockDirectory(directory, {})).release());
  }
});

test.serial(
  'H8 H49 a process killed at any moment loses nothing that resolved, and leaves no lock behind',
  async (t) => {
    const directory = await place(t);
    let resolved = 0;
    for (let life = 0; life < 12; life += 1) {
      const { child, said } = start(t, directory, 'append');
      await untilSaid(said);
      await pause(life * 7);
      await kill(child);
      resolved = Number(said().trim().split('\n').at(-1));
      const storage = fsStorage({ directory, segmentBytes: 65_536 });
      const { snapshot, records } = await storage.open();
      let last = snapshot?.round ?? 0;
      for await (const record of records) {
        const number = numberOf(record);
        if (number > (snapshot?.round ?? 0)) t.is(number, ++last);
      }
      t.true(last >= resolved, `${last} of ${resolved}`);
      await storage.close();
    }
    t.true(resolved > 12);
  },
);

for (const [name, options] of Object.entries(ways)) {
  test.serial(
    `H49 ${name}: a directory that another process holds is refused, by its pid; not once that is killed`,
    async (t) => {
      for (const what of ['hold', 'hold-without-flock']) {
        const directory = await place(t);
        const { child, said } = start(t, directory, what);
        await untilSaid(said);
        const error = await t.throwsAsync(lockDirectory(directory, options), { code: 'PAXAKOS_STORAGE_LOCKED' });
        t.regex(error?.message ?? '', new RegExp(`process ${child.pid}\\b`));
        child.kill('SIGSTOP');
        await t.throwsAsync(
          lockDirectory(directory, options),
          { code: 'PAXAKOS_STORAGE_LOCKED' },
          'a paused one holds it',
        );
        await kill(child);
        const lock = await lockDirectory(directory, options);
        await lock.release();
      }
    },
  );

  test.serial(`H49 ${name}: within one process a directory is held once, and again after its release`, async (t) => {
    const directory = await place(t);
    for (let turn = 0; turn < 3; turn += 1) {
      const lock = await lockDirectory(directory, options);
      for (const other of Object.values(ways)) {
        const error = await t.throwsAsync(lockDirectory(directory, other), { code: 'PAXAKOS_STORAGE_LOCKED' });
        t.regex(error?.message ?? '', /this process/);
      }
      await lock.release();
    }
  });

  test.serial(`H49 ${name}: of many that race for a directory whose holder is gone, one gets it`, async (t) => {
    const directory = await place(t);
    for (let turn = 0; turn < 15; turn += 1) {
      const self = await thisProcess(false);
      const stale = { ...self, startTime: '1' };
      if (turn % 2 === 0) {
        for (const old of await readdir(directory)) await rm(join(directory, old));
        await writeFile(join(directory, 'claim-5'), encodeHolder(stale));
      }
      const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockDirectory(directory, options)));
      const locks = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      t.is(locks.length, 1);
      for (const lock of locks) await lock.release();
    }
  });
}

test('H49 either lock alone keeps others out, should somebody delete the file of the other one', async (t) => {
  for (const isClaimDeleted of [true, false]) {
    const directory = await place(t);
    const lock = await lockDirectory(directory);
    for (const name of await readdir(directory)) {
      if (name.startsWith('claim') === isClaimDeleted) await rm(join(directory, name));
    }
    await t.throwsAsync(lockDirectory(directory), { code: 'PAXAKOS_STORAGE_LOCKED' });
    await lock.release().catch(() => {});
    await (await lockDirectory(directory)).release();
  }
});

test('H49 without flock a holder on another machine, or in another container, counts as alive', async (t) => {
  const self = await thisProcess(false);
  for (const other of [{ host: 'elsewhere' }, { pidSpace: 'pid:[1]' }]) {
    const directory = await place(t);
    await writeFile(join(directory, 'claim-1'), encodeHolder({ ...self, pid: 999_999, ...other }));
    const error = await t.throwsAsync(lockDirectory(directory, { flock: undefined }), {
      code: 'PAXAKOS_STORAGE_LOCKED',
    });
    t.regex(error?.message ?? '', /if that process is surely gone, delete .*claim-1/);
  }
});

test('H49 a claim from before the last boot, of a pid that has another process now, or cut off, does not block', async (t) => {
  const self = await thisProcess(false);
  const texts = [{ boot: 'earlier' }, { startTime: '1' }, { pid: 2 ** 22 + 5 }].map((other) =>
    encodeHolder({ ...self, ...other }),
  );
  for (const text of [...texts, '', '{"pid":']) {
    const directory = await place(t);
    await writeFile(join(directory, 'claim-3'), text);
    await (await lockDirectory(directory, { flock: undefined })).release();
  }
  t.pass();
});
