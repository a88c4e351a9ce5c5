import { Agent, request } from 'node:http';
import type { Operation } from '../calculator/operation.ts';
import type { Answer } from '../node/answer.ts';
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

  /** Appends one operation over a connection of its own. Rejects where it gets no outcome. */
  append(operation: Operation): Promise<Answer> {
    const options = { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } } as const;
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.url}/append`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as Answer);
          else reject(new Error(`an append is answered ${response.statusCode}: ${text.slice(0, 300)}`));
        });
      });
      outgoing.on('error', reject).end(JSON.stringify(operation));
    });
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
