import { spawn } from 'node:child_process';
import { close, open } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StorageError } from '@paxakos/core/contracts';
import { currentHolder, takeClaim } from './claim.ts';
import type { DirectoryLock } from './file-system.ts';
import { describeHolder, fateOf, thisProcess } from './holder.ts';

/** How the lock is taken; for tests. */
export interface LockOptions {
  /** The util-linux program; nothing to do without it. */
  readonly flock?: string | undefined;
}

/**
 * Takes a directory for this process alone. Two locks together, so that there are never two holders:
 *
 * - the kernel's lock on an open file, where the `flock` program is there to take it: it goes with the process, whatever ends it;
 * - a claim, a file that names the process: for systems without `flock`, and to say who holds the directory.
 *
 * Rejects with PAXAKOS_STORAGE_LOCKED where another holder is, or may be, alive.
 */
export async function lockDirectory(
  directory: string,
  options: LockOptions = { flock: 'flock' },
): Promise<DirectoryLock> {
  // A plain number: a handle would be closed, and the lock lost, where the storage is garbage that nobody closed.
  const descriptor: number = await promisify(open)(join(directory, 'lock'), 'a+', 0o600);
  let isKept = false;
  try {
    const verdict = options.flock === undefined ? 'unavailable' : await takeFlock(options.flock, descriptor);
    const self = await thisProcess(verdict === 'taken');
    if (verdict === 'busy') throw lockedBy(directory, describeHolder(await currentHolder(directory), self));
    const claim = await takeClaim(directory, self, async (holder) => {
      const fate = await fateOf(holder, self);
      // Where nobody can tell, one that had the kernel's lock, which is ours now, is gone.
      return fate === 'gone' || (fate === 'unknown' && verdict === 'taken' && holder.hasFlock);
    });
    if ('holder' in claim) throw lockedBy(directory, describeHolder(claim.holder, self), claim.path);
    isKept = true;
    return {
      async release() {
        try {
          await claim.release();
        } finally {
          await promisify(close)(descriptor);
        }
      },
    };
  } finally {
    if (!isKept) await promisify(close)(descriptor);
  }
}

function lockedBy(directory: string, who: string, path?: string): StorageError {
  const way = path === undefined ? '' : ` (if that process is surely gone, delete ${path})`;
  const remedy = `stop it, or give this node a directory of its own${way}`;
  return new StorageError('PAXAKOS_STORAGE_LOCKED', `${directory} is in use by ${who}: ${remedy}`);
}

/** The child locks the open file that it shares with us; the lock stays when the child ends, and goes when our descriptor does. */
function takeFlock(program: string, descriptor: number): Promise<'taken' | 'busy' | 'unavailable'> {
  return new Promise((resolve) => {
    const child = spawn(program, ['-xn', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
    child.on('error', () => resolve('unavailable'));
    child.on('close', (code) => resolve(code === 0 ? 'taken' : code === 1 ? 'busy' : 'unavailable'));
  });
}
