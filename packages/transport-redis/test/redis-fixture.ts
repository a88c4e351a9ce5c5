/// <reference lib="esnext.disposable" preserve="true" />
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RemoteNode, TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import { type RedisServer, redisServer } from '@paxakos/servers';
import { type RedisTransportOptions, redisTransport } from '../src/index.ts';

/** What Redis can do beyond the contract. */
export const redisCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'reportsDrops',
  'resources',
  'memory',
  'reportsBusLoss',
  'pausesBus',
  'remote',
];

/** Bytes that the process has in memory, after a garbage collection. */
export function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

let fixtures = 0;

/** A fixture on a server that is shared: each has channels of its own. */
export function sharedFixture(options: () => RedisTransportOptions): TransportFixture {
  fixtures += 1;
  const prefix = `test-${fixtures}`;
  return {
    node: (id) => ({ info: { id }, transport: redisTransport({ prefix, ...options() }) }),
    resources: () => process.getActiveResourcesInfo(),
    async [Symbol.asyncDispose]() {},
  };
}

/** Fixtures on one server, which starts with the first one. Each has channels of its own, and leaves the server running. */
export class RedisFixtures implements AsyncDisposable {
  #server: Promise<RedisServer> | undefined;

  async create(): Promise<TransportFixture> {
    this.#server ??= redisServer();
    return fixtureOn(await this.#server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#server)?.[Symbol.asyncDispose]();
  }
}

function fixtureOn(server: RedisServer): TransportFixture {
  fixtures += 1;
  const prefix = `test-${fixtures}`;
  let isUp = true;
  const children: ChildProcess[] = [];
  // Without a server, open waits in vain; with one, a busy machine may need long.
  const options = (): RedisTransportOptions => ({ url: server.url, prefix, openMsMax: isUp ? 60_000 : 300 });
  const start = async (): Promise<void> => {
    isUp = true;
    await server.start();
  };
  return {
    node: (id) => ({ info: { id }, transport: redisTransport(options()) }),
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    bus: {
      async stop() {
        isUp = false;
        await server.kill();
      },
      start,
      pause: () => server.pause(),
      resume: () => server.resume(),
    },
    async remote(id, home): Promise<RemoteNode> {
      const child = await forkEcho(options(), id, home.id);
      children.push(child);
      return {
        info: { id },
        pause: () => child.kill('SIGSTOP'),
        resume: () => child.kill('SIGCONT'),
        kill: () => endProcess(child),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) await endProcess(child);
      server.resume();
      if (!isUp) await start();
    },
  };
}

/** Starts a node of cluster `main` in a process of its own that sends what it gets back to another. */
export async function forkEcho(options: RedisTransportOptions, id: string, home: string): Promise<ChildProcess> {
  const path = fileURLToPath(new URL('./echo-process.js', import.meta.url));
  const child = fork(path, [JSON.stringify(options), id, home]);
  await once(child, 'message');
  return child;
}

/** As `kill -9`. Resolves when it is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
