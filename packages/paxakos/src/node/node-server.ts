import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stateText } from '../calculator/state-text.ts';
import { type Answer, invalidAnswer, statusCodeOf } from './answer.ts';
import { appendLine, appendLines } from './append-operations.ts';
import type { DemoNode } from './demo-node.ts';
import { streamEvents } from './event-stream.ts';
import { type Line, lineBytesMax, linesOf } from './lines-of.ts';
import { type NodeStatus, statusOf } from './node-status.ts';
import { reasonOf } from './reason-of.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => Promise<void> | void;

interface Page {
  readonly method: 'GET' | 'POST';
  readonly serve: Handler;
}

const emptyReason = 'the body is empty: send an operation, such as {"type":"add","value":3}';

const help = `POST /append    {"type":"add","value":3,"id":"a1"}, or several lines of that
GET  /state     the whole state
GET  /status    this node, as JSON
GET  /events    what happens, server-sent; ?types=apply,statusChange
`;

/** Serves one node over HTTP, on loopback only. */
export class NodeServer {
  readonly #node: DemoNode;
  readonly #server: Server;
  readonly #pages: ReadonlyMap<string, Page>;
  #appended = 0;

  constructor(node: DemoNode) {
    this.#node = node;
    const get = (serve: Handler): Page => ({ method: 'GET', serve });
    this.#pages = new Map<string, Page>([
      ['/append', { method: 'POST', serve: (request, response) => this.#append(request, response) }],
      ['/state', get((_request, response) => this.#state(response))],
      ['/status', get((_request, response) => this.#status(response))],
      ['/events', get((_request, response, query) => streamEvents(this.#node, response, query.get('types')))],
      ['/', get((_request, response) => void response.end(help))],
    ]);
    // A load may take longer than any request should.
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => this.#serve(request, response));
  }

  /** Starts to listen, and gives the URL. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // Not as a URL, for which what follows `//` is a host.
    const [path = '', query] = (request.url ?? '/').split('?', 2);
    const page = this.#pages.get(path);
    if (!isLocal(request)) return sendJson(response, 403, { error: 'FORBIDDEN', reason: 'only for this machine' });
    if (page === undefined) return sendJson(response, 404, { error: 'NOT_FOUND', reason: 'there is no such page' });
    const { method, serve } = page;
    if (request.method !== method) {
      const reason = `${request.method} is not for ${path}: use ${method}`;
      return sendJson(response.setHeader('allow', method), 405, { error: 'METHOD_NOT_ALLOWED', reason });
    }
    Promise.resolve(serve(request, response, new URLSearchParams(query))).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 503, { error: 'FAILED', reason: reasonOf(error) });
    });
  }

  async #append(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim();
    if (type === 'application/json') return this.#appendDocument(request, response);
    const chunks = linesOf(request);
    const head = type === 'application/x-ndjson' || type === 'application/jsonl' ? undefined : await onlyLine(chunks);
    if (head?.only !== undefined) return this.#appendOne(head.only.line, response);
    if (head?.lines.length === 0) return sendJson(response, 400, invalidAnswer(emptyReason));
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    await appendLines(this.#node, head === undefined ? chunks : joined(head.lines, chunks), response, {
      makeId: randomUUID,
      onAppended: () => this.#count(),
    });
  }

  /** A JSON document may be spread over several lines. */
  async #appendDocument(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
      if (text.length <= lineBytesMax) text += chunk;
    }
    if (text.trim() === '') return sendJson(response, 400, invalidAnswer(emptyReason));
    return this.#appendOne(text.length > lineBytesMax ? undefined : text, response);
  }

  async #appendOne(line: Line, response: ServerResponse): Promise<void> {
    const answer = await appendLine(this.#node, line, randomUUID);
    if (answer.error === undefined) this.#count();
    sendJson(response, statusCodeOf(answer), answer);
  }

  #count(): void {
    this.#appended += 1;
  }

  async #state(response: ServerResponse): Promise<void> {
    const { round, image } = await this.#node.read((state, at) => ({ round: at, image: state.freeze() }), {
      consistency: 'stale',
    });
    response.writeHead(200, { 'content-type': 'application/json', 'paxakos-round': round });
    for (const part of stateText(image)) {
      if (response.destroyed) return;
      if (!response.write(part)) await drained(response);
    }
    response.end();
  }

  async #status(response: ServerResponse): Promise<void> {
    const status: NodeStatus = await statusOf(this.#node, this.#appended);
    sendJson(response, 200, status);
  }
}

/** No page of a browser may write here, whatever name it gave this machine. */
function isLocal({ headers: { host, origin } }: IncomingMessage): boolean {
  return origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? '');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

function sendJson(response: ServerResponse, code: number, body: Answer | NodeStatus): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

/** The line where there is one only; else the lines read so far. */
async function onlyLine(
  chunks: AsyncGenerator<readonly Line[]>,
): Promise<{ readonly only?: { readonly line: Line }; readonly lines: readonly Line[] }> {
  const lines: Line[] = [];
  while (lines.length < 2) {
    const next = await chunks.next();
    if (next.done === true) return lines.length === 1 ? { only: { line: lines[0] }, lines } : { lines };
    lines.push(...next.value);
  }
  return { lines };
}

async function* joined(head: readonly Line[], rest: AsyncIterable<readonly Line[]>): AsyncGenerator<readonly Line[]> {
  yield head;
  yield* rest;
}
