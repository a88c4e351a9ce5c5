import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDirectory } from './data-directory.ts';
import { DemoError } from './demo-error.ts';

const waitMsMax = 3_000;

/** Holds a data directory by listening on a socket in it, which ends with the process however that ends. */
export class DirectoryLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with a `DemoError` where another demonstration holds it. */
  static async take(directory: DataDirectory): Promise<DirectoryLock> {
    const path = directory.lockPath;
    const until = performance.now() + waitMsMax;
    while (performance.now() < until) {
      const server = await listenAt(path);
      if (server !== undefined) return new DirectoryLock(server);
      // One that was told to stop may still be at it; what a killed one left behind is taken over.
      if (await isAnswered(path)) await sleep(100);
      else await rm(path, { force: true });
    }
    throw new DemoError(
      `another demonstration uses ${directory.path}: stop it, or choose another directory with --data DIR`,
    );
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function listenAt(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ path });
  try {
    await once(server, 'listening');
    return server.unref();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
