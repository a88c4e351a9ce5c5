import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';

/** How a NATS server is to be. */
export interface NatsServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Lines of its configuration file, such as `max_payload: 4KB`. */
  readonly config?: string;
}

/** A real NATS server on loopback. */
export class NatsServer extends ServerProcess {
  readonly port: number;
  readonly #folder: string;

  constructor(port: number, folder: string) {
    super({ command: 'nats-server', args: ['-c', join(folder, 'nats.conf')], ready: /Server is ready/ });
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Writes the configuration that the next start reads. */
  configure(config: string): void {
    writeFileSync(join(this.#folder, 'nats.conf'), `listen: 127.0.0.1:${this.port}\n${config}\n`);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Starts a NATS server. After `kill`, `start` brings it back at the same address. */
export async function natsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { port = await freePort(), config = '' } = options;
  const server = new NatsServer(port, mkdtempSync(join(tmpdir(), 'paxakos-nats-')));
  server.configure(config);
  await server.start();
  return server;
}

/** Starts NATS servers that are routed to one another, as one cluster. */
export async function natsCluster(size: number): Promise<readonly NatsServer[]> {
  const routes = await Promise.all(Array.from({ length: size }, freePort));
  const routeUrls = routes.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  const start = (route: number, index: number): Promise<NatsServer> =>
    natsServer({
      config: `server_name: n${index}\ncluster { name: test, listen: "127.0.0.1:${route}", routes: [${routeUrls}] }`,
    });
  return Promise.all(routes.map(start));
}
