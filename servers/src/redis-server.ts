import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';

/** How a Redis server is to be. */
export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Makes it speak TLS only, with this certificate; clients need none. */
  readonly tls?: Certificates;
  /** More settings, as on its command line: `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
}

/** A real Redis server on loopback, that stores nothing. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;

  constructor(port: number, { tls, args = [] }: RedisServerOptions, folder: string) {
    const listen = tls === undefined ? ['--port', `${port}`] : tlsArgs(port, tls);
    const common = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    super({ command: 'redis-server', args: [...common, ...listen, ...args], ready: /Ready to accept connections/ });
    this.port = port;
    this.url = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`;
    this.#folder = folder;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Starts a Redis server. After `kill`, `start` brings it back at the same address. */
export async function redisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { port = await freePort() } = options;
  const server = new RedisServer(port, options, mkdtempSync(join(tmpdir(), 'paxakos-redis-')));
  await server.start();
  return server;
}

function tlsArgs(port: number, { certificateFile, keyFile }: Certificates): readonly string[] {
  const files = ['--tls-cert-file', certificateFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certificateFile];
  return ['--port', '0', '--tls-port', `${port}`, ...files, '--tls-auth-clients', 'no'];
}
