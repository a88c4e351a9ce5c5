import type { ServerResponse } from 'node:http';
import type { PaxakosEvent } from '@paxakos/core';
import type { DemoNode } from './demo-node.ts';

type EventType = PaxakosEvent['type'];

const eventTypes: readonly EventType[] = [
  'init',
  'statusChange',
  'activate',
  'install',
  'apply',
  'commit',
  'directive',
  'gaps',
  'eject',
  'stranded',
  'hookError',
  'trouble',
  'failure',
];
/** What says the same as `apply` once more is told only to who asks for it. */
const unasked: ReadonlySet<EventType> = new Set(['commit', 'directive']);

/** How many bytes may wait for a client that does not read. */
const waitingBytesMax = 4 * 1024 * 1024;
const keepAliveMs = 15_000;

/**
 * Sends events as they happen, each as `event: type` and `data: json`. A client that reads too slowly is told so with an event
 * `slowConsumer`, and the response ends; never does it miss one in silence.
 */
export function streamEvents(node: DemoNode, response: ServerResponse, wanted: string | null): void {
  const asked = wanted?.split(',').filter((type) => type !== '');
  const types = eventTypes.filter((type) => (asked === undefined ? !unasked.has(type) : asked.includes(type)));
  const unknown = asked?.filter((type) => !eventTypes.some((known) => known === type)) ?? [];
  if (unknown.length > 0) {
    const reason = `there is no event ${unknown.join(', ')}; there is ${eventTypes.join(', ')}`;
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(`${JSON.stringify({ error: 'INVALID', reason })}\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const stops: (() => void)[] = [];
  const end = (): void => {
    for (const stop of stops.splice(0)) stop();
    response.end();
  };
  const send = (event: PaxakosEvent): void => {
    if (response.writableLength <= waitingBytesMax) return void response.write(eventText(event.type, event));
    response.write(eventText('slowConsumer', { type: 'slowConsumer', waitingBytesMax }));
    end();
  };
  for (const type of types) stops.push(node.on(type, send));
  const keepAlive = setInterval(() => response.write(':\n\n'), keepAliveMs);
  stops.push(() => clearInterval(keepAlive));
  response.on('close', end);
  const { status, round } = node;
  response.write(eventText('init', { type: 'init', status, round }));
}

function eventText(type: string, event: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(event, plainErrors)}\n\n`;
}

/** An error shows none of its fields in JSON by itself. */
function plainErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message } = value;
  return 'code' in value ? { name, code: value.code, message } : { name, message };
}
