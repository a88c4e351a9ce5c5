import { Agent, request } from 'node:http';
import type { NodeStatus } from '../node/node-status.ts';

/** Asks a node over HTTP. */
export class NodeClient {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });

  constructor(url: string) {
    this.url = url;
  }

  async status(timeoutMs = 5_000): Promise<NodeStatus> {
    return JSON.parse((await this.#get('/status', timeoutMs)).toString()) as NodeStatus;
  }

  /** The bytes of the whole state. */
  state(timeoutMs = 120_000): Promise<Buffer> {
    return this.#get('/state', timeoutMs);
  }

  close(): void {
    this.#agent.destroy();
  }

  #get(path: string, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const outgoing = request(`${this.url}${path}`, { agent: this.#agent, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('close', () => reject(new Error(`${path} ended early`)));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(bytes);
          else reject(new Error(`${path} answers ${response.statusCode}: ${bytes.subarray(0, 300).toString()}`));
        });
      });
      outgoing.on('error', reject).end();
    });
  }
}
