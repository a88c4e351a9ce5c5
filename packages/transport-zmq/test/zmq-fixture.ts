import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RemoteNode, TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import type { NodeInfo } from '@paxakos/core/contracts';
import { type CurveKeyPair, curveKeyPair, zmqTransport } from '../src/index.ts';

/** What ZeroMQ can do beyond the contract. */
export const zmqCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'reportsDrops',
  'reportsConnections',
  'resources',
  'memory',
];

/** The bound of every wait for something that must happen, in ms. */
export const livenessMs = 60_000;

const given = new Set<number>();

/** A port that is free now, from below those that systems hand out, so that no client takes it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (!isFree || given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** A new folder with a short path, since a socket's path must be short. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'pz-'));
}

/** Bytes that the process has in memory, after a garbage collection. */
export function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

const echoScript = fileURLToPath(new URL('./echo-node.js', import.meta.url));

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A fixture whose nodes listen on the loopback interface, or on sockets in a folder. */
export async function zmqFixture({ kind = 'tcp', curve = false }): Promise<TransportFixture> {
  const folder = kind === 'ipc' ? await temporaryFolder() : undefined;
  const infos = new Map<string, NodeInfo>();
  const keys = new Map<string, CurveKeyPair>();
  const children: ChildProcess[] = [];
  const peers: Record<string, Record<string, string>> = {};

  async function infoOf(id: string, cluster: string): Promise<NodeInfo> {
    const name = JSON.stringify([cluster, id]);
    const known = infos.get(name);
    if (known !== undefined) return known;
    const address =
      folder === undefined ? `tcp://127.0.0.1:${await freePort()}` : `ipc://${join(folder, `${infos.size}`)}`;
    const info = { id, address };
    infos.set(name, info);
    const pair = curveKeyPair();
    keys.set(name, pair);
    peers[cluster] = Object.assign(peers[cluster] ?? {}, { [id]: pair.publicKey });
    return info;
  }

  return {
    async node(id, cluster = 'main') {
      const info = await infoOf(id, cluster);
      const pair = keys.get(JSON.stringify([cluster, id]));
      const secured = curve && pair !== undefined ? { curve: { ...pair, peers: peers[cluster] ?? {} } } : {};
      return { info, transport: zmqTransport(secured) };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    async remote(id, home): Promise<RemoteNode> {
      const info = await infoOf(id, 'main');
      const child = fork(echoScript, [JSON.stringify(info), JSON.stringify(home)]);
      children.push(child);
      await once(child, 'message');
      return {
        info,
        pause: () => void child.kill('SIGSTOP'),
        resume: () => void child.kill('SIGCONT'),
        kill: () => kill(child),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(kill));
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
