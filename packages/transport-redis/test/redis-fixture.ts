import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RemoteNode, TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import { redisServer } from '@paxakos/servers';
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

/** A fixture with a server of its own. */
export async function redisFixture(more: RedisTransportOptions = {}): Promise<TransportFixture> {
  const server = await redisServer();
  const children: ChildProcess[] = [];
  const options: RedisTransportOptions = { url: server.url, openMsMax: 2_000, ...more };
  return {
    node: (id) => ({ info: { id }, transport: redisTransport(options) }),
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    bus: {
      stop: () => server.kill(),
      start: () => server.start(),
      pause: () => server.pause(),
      resume: () => server.resume(),
    },
    async remote(id, home): Promise<RemoteNode> {
      const child = await forkEcho(options, id, home.id);
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
      await server[Symbol.asyncDispose]();
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
