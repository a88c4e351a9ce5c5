import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHolder, encodeHolder, type Holder } from './holder.ts';
import { codeOf } from './storage-faults.ts';

/** A directory that is ours. */
export interface Claim {
  readonly path: string;
  release(): Promise<void>;
}

/** A directory that another process holds. */
export interface ForeignClaim {
  readonly path: string;
  readonly holder: Holder;
}

const claimName = /^claim-(\d+)$/;
const draftName = /^claim-.*\.tmp$/;

/**
 * Claims a directory by a file `claim-N`. The highest N tells the holder, and is never deleted: it is made whole by one `link`,
 * of which only one process can succeed; then lower ones go. A process that was slow and claimed a lower N than there is by
 * then sees the higher one and steps back. So there is one holder at most, however many try at once. To let go is to empty the
 * file, which a full disk allows.
 */
export async function takeClaim(
  directory: string,
  self: Holder,
  isGone: (holder: Holder) => boolean | Promise<boolean>,
): Promise<Claim | ForeignClaim> {
  for (;;) {
    const highest = highestOf(await readdir(directory));
    const path = claimPath(directory, highest);
    const text = highest === 0 ? '' : await textOf(path);
    if (text === undefined) continue; // there is a higher one by now
    // A text that is no holder's was given up, or cut off with the power: a claim of a live process is whole.
    const holder = decodeHolder(text);
    if (holder !== undefined && !(await isGone(holder))) return { path, holder };
    const ours = claimPath(directory, highest + 1);
    if (await isClaimed(directory, highest + 1, encodeHolder(self))) {
      return { path: ours, release: () => truncate(ours) };
    }
  }
}

/** Who claims the directory; nothing where nobody does. */
export async function currentHolder(directory: string): Promise<Holder | undefined> {
  const text = await textOf(claimPath(directory, highestOf(await readdir(directory))));
  return text === undefined ? undefined : decodeHolder(text);
}

/** Whether the claim could be made, and is the highest. */
async function isClaimed(directory: string, number: number, text: string): Promise<boolean> {
  const path = claimPath(directory, number);
  const draft = join(directory, `claim-${randomUUID()}.tmp`);
  await writeFile(draft, text);
  try {
    await link(draft, path);
  } catch (error) {
    // Another one was first, or has cleared our draft away.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  } finally {
    await unlinkIfThere(draft);
  }
  const names = await readdir(directory);
  if (highestOf(names) > number) {
    await unlinkIfThere(path);
    return false;
  }
  const old = names.filter((name) => draftName.test(name) || (numberOf(name) > 0 && numberOf(name) < number));
  await Promise.all(old.map((name) => unlinkIfThere(join(directory, name))));
  return true;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function highestOf(names: readonly string[]): number {
  return names.reduce((highest, name) => Math.max(highest, numberOf(name)), 0);
}

function claimPath(directory: string, number: number): string {
  return join(directory, `claim-${number}`);
}

function numberOf(name: string): number {
  return Number(claimName.exec(name)?.[1] ?? 0);
}
