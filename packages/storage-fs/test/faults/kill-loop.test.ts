// Goal: H1, H2, H8, H49 with a real acceptor's log: no moment of a SIGKILL, also within recovery, makes it forget a promise or an
// acceptance that it spoke of, and no second process ever gets at the log. PAXAKOS_KILLS=<n> kills n times; PAXAKOS_SEED=<seed>
// begins at another seed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { fsStorage } from '../../src/index.ts';
import { AcceptorLog } from '../acceptor-log.ts';
import { randomOf } from '../model.ts';

const program = fileURLToPath(new URL('../acceptor-child.js', import.meta.url));
const kills = Number(process.env.PAXAKOS_KILLS ?? 20);
const firstSeed = Number(process.env.PAXAKOS_SEED ?? 0);

interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
}

function start(t: ExecutionContext, directory: string, seed: number): Child {
  const child = spawn(process.execPath, [program, directory, `${seed}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const lines: string[] = [];
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    lines.push(...text.split('\n').slice(0, -1));
    text = text.slice(text.lastIndexOf('\n') + 1);
  });
  t.teardown(() => void child.kill('SIGKILL'));
  return { process: child, lines };
}

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 60_000) throw new Error('nothing happens');
    await pause(5);
  }
}

/** What the last line says: up to which promise, and which round. */
function spokenOf({ lines }: Child): readonly [number, number] | undefined {
  const [promised, accepted] = lines.at(-1)?.split(' ').map(Number) ?? [];
  return promised === undefined || accepted === undefined ? undefined : [promised, accepted];
}

async function check(t: ExecutionContext, directory: string, spoken: readonly [number, number]): Promise<void> {
  const storage = fsStorage({ directory, segmentBytes: 8_192, retain: { entries: 20, bytes: 20_000 } });
  const log = await AcceptorLog.open(storage);
  await storage.close();
  t.true(log.promised >= spoken[0], `promise ${spoken[0]} is forgotten: ${log.promised}`);
  t.true(log.accepted.length >= spoken[1], `round ${spoken[1]} is forgotten: ${log.accepted.length}`);
}

test.serial(
  'H1 H2 H8 an acceptor killed at any moment, again and again, forgets nothing that it spoke of',
  async (t) => {
    t.timeout(600_000 + kills * 60_000);
    const directory = await place(t);
    const random = randomOf(firstSeed);
    let spoken: readonly [number, number] = [0, 0];
    let inRecovery = 0;
    for (let life = 0; life < kills; life += 1) {
      const child = start(t, directory, firstSeed + life);
      // Half of them die as they start, about when they open the log; the others at work.
      if (random(2) === 0) await pause(30 + random(120));
      else {
        await until(() => child.lines.length > 0);
        await pause(random(150));
      }
      child.process.kill('SIGKILL');
      await once(child.process, 'close');
      if (child.lines.length === 0) inRecovery += 1;
      else t.is(child.lines[0], 'open', `seed ${firstSeed}, life ${life}`);
      spoken = spokenOf(child) ?? spoken;
      if (random(2) === 0) await check(t, directory, spoken);
    }
    // A slow machine may have killed all of them before they said much: one more works until it has.
    const last = start(t, directory, firstSeed + kills);
    await until(() => (spokenOf(last)?.[1] ?? 0) > kills);
    last.process.kill('SIGKILL');
    await once(last.process, 'close');
    spoken = spokenOf(last) ?? spoken;
    await check(t, directory, spoken);
    t.true(spoken[1] > kills, `${spoken.join()}`);
    t.log(`${kills} kills, ${inRecovery} before the log was open; ${spoken[0]} promises, ${spoken[1]} acceptances`);
  },
);

test.serial(
  'H49 of several processes that open one log at once, one gets it, and the others change nothing',
  async (t) => {
    const directory = await place(t);
    let spoken: readonly [number, number] = [0, 0];
    for (let turn = 0; turn < 4; turn += 1) {
      const children = [1, 2, 3].map((number) => start(t, directory, turn * 10 + number));
      await until(() => children.every(({ lines }) => lines.length > 0));
      const openers = children.filter(({ lines }) => lines[0] === 'open');
      t.is(openers.length, 1, children.map(({ lines }) => lines[0]).join());
      const [opener] = openers as [Child];
      for (const other of children) if (other !== opener) t.deepEqual(other.lines, ['PAXAKOS_STORAGE_LOCKED']);
      await until(() => opener.lines.length > 5);
      opener.process.kill('SIGKILL');
      await once(opener.process, 'close');
      spoken = spokenOf(opener) ?? spoken;
      await check(t, directory, spoken);
    }
    t.true(spoken[1] > 0);
  },
);
