import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RemoteNode, TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import { type NatsServer, natsServer } from '@paxakos/servers';
import { type NatsTransportOptions, natsTransport } from '../src/index.ts';

/** What NATS can do beyond the contract. */
export const natsCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'resources',
  'memory',
  'reportsBusLoss',
  'pausesBus',
  'remote',
];

/** How the server and the nodes of a fixture are. */
export interface NatsFixtureOptions {
  /** Lines of the server's configuration. */
  readonly config?: string;
  readonly options?: (server: NatsServer) => NatsTransportOptions | Promise<NatsTransportOptions>;
  /** Undoes what `options` made. */
  readonly dispose?: () => Promise<void>;
}

/** Bytes that the process has in memory, after a garbage collection. */
export function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

/** A fixture with a server of its own. */
export async function natsFixture(settings: NatsFixtureOptions = {}): Promise<TransportFixture> {
  const server = await natsServer({ config: settings.config ?? '' });
  const children: ChildProcess[] = [];
  const options = async (): Promise<NatsTransportOptions> => ({
    openMsMax: 2_000,
    ...(await (settings.options ?? (({ url }) => ({ servers: url })))(server)),
  });
  return {
    node: async (id) => ({ info: { id }, transport: natsTransport(await options()) }),
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    bus: {
      stop: () => server.kill(),
      start: () => server.start(),
      pause: () => server.pause(),
      resume: () => server.resume(),
    },
    async remote(id, home): Promise<RemoteNode> {
      const path = fileURLToPath(new URL('./echo-process.js', import.meta.url));
      const child = fork(path, [JSON.stringify(await options()), id, JSON.stringify(home)]);
      children.push(child);
      await once(child, 'message');
      return {
        info: { id },
        pause: () => child.kill('SIGSTOP'),
        resume: () => child.kill('SIGCONT'),
        kill: () => end(child),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) await end(child);
      await settings.dispose?.();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
