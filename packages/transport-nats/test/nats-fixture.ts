/// <reference lib="esnext.disposable" preserve="true" />
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

/** How the nodes of a fixture are. */
export interface NatsFixtureOptions {
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

let fixtures = 0;

/** Fixtures on one server, which starts with the first one. Each has subjects of its own, and leaves the server running. */
export class NatsFixtures implements AsyncDisposable {
  readonly #config: () => string;
  #server: Promise<NatsServer> | undefined;

  /** Lines of the server's configuration, asked for when it starts. */
  constructor(config = () => '') {
    this.#config = config;
  }

  async create(settings: NatsFixtureOptions = {}): Promise<TransportFixture> {
    this.#server ??= natsServer({ config: this.#config() });
    return fixtureOn(await this.#server, settings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#server)?.[Symbol.asyncDispose]();
  }
}

async function fixtureOn(server: NatsServer, settings: NatsFixtureOptions): Promise<TransportFixture> {
  fixtures += 1;
  const prefix = `test-${fixtures}`;
  let isUp = true;
  const children: ChildProcess[] = [];
  const options = async (): Promise<NatsTransportOptions> => ({
    // Without a server, open waits in vain; with one, a busy machine may need long.
    openMsMax: isUp ? 60_000 : 300,
    prefix,
    ...(await (settings.options ?? (({ url }) => ({ servers: url })))(server)),
  });
  const start = async (): Promise<void> => {
    isUp = true;
    await server.start();
  };
  return {
    node: async (id) => ({ info: { id }, transport: natsTransport(await options()) }),
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
      server.resume();
      if (!isUp) await start();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
