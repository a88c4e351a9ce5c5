import { readdir, readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A process, told from every other one as well as the system allows. Empty where the system does not say. */
export interface Holder {
  readonly pid: number;
  /** When it started, in ticks since boot. */
  readonly startTime: string;
  readonly boot: string;
  /** The namespace that its pid belongs to: containers have their own. */
  readonly pidSpace: string;
  readonly host: string;
  /** Whether it holds the kernel's lock. */
  readonly hasFlock: boolean;
}

/** What the system says of a process, from its state on. */
async function statOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in parentheses, may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

async function startTimeOf(pid: number): Promise<string> {
  return (await statOf(pid))[19] ?? '';
}

/** Whether it has ended, and only its parent has not asked how. None of its threads is left to write anything. */
async function isZombie(pid: number): Promise<boolean> {
  const [state] = await statOf(pid);
  if (state !== 'Z' && state !== 'X') return false;
  return (await readdir(`/proc/${pid}/task`).catch(() => [])).length <= 1;
}

export async function thisProcess(hasFlock: boolean): Promise<Holder> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return {
    pid: process.pid,
    startTime: await startTimeOf(process.pid),
    boot: boot.trim(),
    pidSpace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
    hasFlock,
  };
}

/** Whether the holder still runs, as far as anybody can tell from here. */
export async function fateOf(holder: Holder, self: Holder): Promise<'alive' | 'gone' | 'unknown'> {
  if (holder.host !== self.host) return 'unknown';
  if (holder.boot !== self.boot) return 'gone';
  if (holder.pidSpace !== self.pidSpace) return 'unknown';
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') return 'gone';
  }
  if (await isZombie(holder.pid)) return 'gone';
  // The pid may have gone to another process since.
  const startTime = await startTimeOf(holder.pid);
  if (startTime === '' || holder.startTime === '') return holder.pid === self.pid ? 'alive' : 'unknown';
  return startTime === holder.startTime ? 'alive' : 'gone';
}

/** Who it is, in words. */
export function describeHolder(holder: Holder | undefined, self: Holder): string {
  if (holder === undefined) return 'another process';
  if (holder.host !== self.host) return `process ${holder.pid} on ${holder.host}`;
  if (holder.pid === self.pid && holder.startTime === self.startTime) return `this process (${holder.pid})`;
  return `process ${holder.pid}`;
}

export function encodeHolder(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** Gives nothing where the text is not whole. */
export function decodeHolder(text: string): Holder | undefined {
  try {
    const { pid, startTime, boot, pidSpace, host, hasFlock } = JSON.parse(text) as Holder;
    const texts = [startTime, boot, pidSpace, host];
    if (!Number.isSafeInteger(pid) || texts.some((each) => typeof each !== 'string')) return undefined;
    return { pid, startTime, boot, pidSpace, host, hasFlock: hasFlock === true };
  } catch {
    return undefined;
  }
}
