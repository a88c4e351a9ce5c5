import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { deferred } from '../node/deferred.ts';
import type { BusSetting } from './bus-setting.ts';
import { DataDirectory } from './data-directory.ts';
import { Demo, type DemoWork } from './demo.ts';
import { DemoError, UsageError, unusableData } from './demo-error.ts';
import { DirectoryLock } from './directory-lock.ts';
import { Ledger } from './ledger.ts';
import { PlainView } from './plain-view.ts';
import { TerminalView } from './terminal-view.ts';
import type { View } from './view.ts';

/** How to run a demonstration. */
export interface DemoOptions extends DemoWork {
  /** The data directory. */
  readonly data: string;
  /** The way between the nodes. */
  readonly bus: BusSetting;
  /** Ends when the proof is there. */
  readonly once: boolean;
  /** Whether a dead leader is to be noticed sooner. */
  readonly isFast: boolean;
  /** Forgets what is in the data directory. */
  readonly fresh: boolean;
}

/**
 * Runs the demonstration and resolves to the exit code: 0 where the proof holds, 1 where it does not or something failed, and as
 * signals have it where one came before the proof. Leaves no process behind.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const view = viewFor(process.stderr);
  // Whoever reads this may leave early.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const directory = new DataDirectory(options.data);
    await options.bus.check(directory);
    const lock = await orUnusable(options, DirectoryLock.take(directory));
    try {
      if (options.fresh) await orUnusable(options, directory.clear());
      return await runIn(directory, options, view);
    } finally {
      await lock.release();
    }
  } catch (error) {
    view.close();
    console.error(error instanceof DemoError ? `paxakos demo: ${error.message}` : error);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function runIn(directory: DataDirectory, options: DemoOptions, view: View): Promise<number> {
  const ledger = await orUnusable(options, Ledger.open(directory.journalPath));
  const demo = new Demo({
    directory,
    bus: options.bus,
    isFast: options.isFast,
    ledger,
    view,
    runId: randomBytes(4).toString('hex'),
  });
  const interrupted = deferred<NodeJS.Signals>();
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) {
      demo.kill();
      process.exit(128 + constants.signals[signal]);
    }
    view.event(`${signal}: stopping; once more to stop at once`);
    interrupted.resolve(signal);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  const onExit = (): void => demo.kill();
  process.on('exit', onExit);
  try {
    const signal = await Promise.race([work(demo, options, interrupted.promise), interrupted.promise]);
    await demo.stop();
    view.close();
    if (demo.verdict !== undefined) return demo.verdict ? 0 : 1;
    return signal === undefined ? 1 : 128 + constants.signals[signal];
  } finally {
    demo.kill();
    await ledger.close();
    process.off('exit', onExit);
    for (const name of names) process.off(name, onSignal);
  }
}

function orUnusable<T>({ data }: DemoOptions, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw unusableData(data, error);
  });
}

async function work(demo: Demo, options: DemoOptions, interrupted: Promise<NodeJS.Signals>) {
  const result = await demo.run(options);
  if (options.once) {
    await demo.stop();
    demo.print(result);
    return undefined;
  }
  demo.print(result);
  demo.stayUp();
  return await Promise.race([interrupted, demo.broken]);
}

function viewFor(out: NodeJS.WriteStream): View {
  return out.isTTY && process.env.CI === undefined && process.env.TERM !== 'dumb'
    ? new TerminalView(out)
    : new PlainView(out);
}
