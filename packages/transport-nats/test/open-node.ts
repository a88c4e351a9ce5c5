import type { NodeId, TransportTrouble } from '@paxakos/core/contracts';
import type { ExecutionContext } from 'ava';
import { type NatsTransport, type NatsTransportOptions, natsTransport } from '../src/index.ts';

/** An open node that keeps what arrives and what is reported; the test closes it. */
export interface OpenNode {
  readonly id: NodeId;
  readonly transport: NatsTransport;
  /** Each frame as text. */
  readonly frames: string[];
  readonly troubles: TransportTrouble[];
  /** How many frames were reported as dropped. */
  dropped(): number;
  send(to: readonly { readonly id: NodeId }[], text: string): void;
}

export async function openNode(
  t: ExecutionContext,
  id: NodeId,
  options: NatsTransportOptions,
  cluster = 'main',
): Promise<OpenNode> {
  const transport = natsTransport(options);
  t.teardown(() => transport.close());
  const frames: string[] = [];
  const troubles: TransportTrouble[] = [];
  transport.onTrouble?.((trouble) => troubles.push(trouble));
  await transport.open({ id }, (frame) => frames.push(Buffer.from(frame).toString()), cluster);
  const dropped = () => troubles.reduce((sum, { count = 0 }) => sum + count, 0);
  const send = (to: readonly { readonly id: NodeId }[], text: string) => transport.send(to, Buffer.from(text));
  return { id, transport, frames, troubles, dropped, send };
}

/** The bound of every wait for something that must happen, in ms. */
export const livenessMs = 60_000;

/** Resolves when it holds; fails the test if it does not within `livenessMs`. Calls `meanwhile` on each look. */
export async function until(
  t: ExecutionContext,
  what: string,
  holds: () => boolean,
  meanwhile: () => void = () => {},
): Promise<void> {
  const end = Date.now() + livenessMs;
  while (!holds() && Date.now() < end) {
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.true(holds(), `within ${livenessMs} ms: ${what}`);
}

let texts = 0;

/** Resolves when a frame has gone from one to the other, sent as often as it takes. */
export async function reach(t: ExecutionContext, from: OpenNode, to: OpenNode): Promise<void> {
  texts += 1;
  const text = `reach ${texts}`;
  const what = `a frame gets from ${from.id} to ${to.id}`;
  await until(
    t,
    what,
    () => to.frames.includes(text),
    () => from.send([to], text),
  );
}
