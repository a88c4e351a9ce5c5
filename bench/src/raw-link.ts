import { connect } from '@nats-io/transport-node';
import { memoryNetwork } from '@paxakos/core/memory';
import { Redis } from 'ioredis';
import { Pull, Push } from 'zeromq';
import type { BusName } from './bench-bus.ts';

/** One way over a bare client, with its defaults. */
export interface RawSender {
  /** A promise where the next frame has to wait for it. */
  send(frame: Uint8Array): Promise<void> | undefined;
  close(): Promise<void>;
}

const channel = 'bench';

/** Sends over the client that a transport is made with. */
export async function rawSender(bus: Exclude<BusName, 'memory'>, url: string): Promise<RawSender> {
  if (bus === 'nats') {
    const connection = await connect({ servers: url });
    return {
      send(frame) {
        connection.publish(channel, frame);
        return undefined;
      },
      close: () => connection.close(),
    };
  }
  if (bus === 'redis') {
    const redis = new Redis(url);
    return {
      send(frame) {
        redis.publish(channel, frame as Buffer).catch(() => {});
        return undefined;
      },
      close: async () => redis.disconnect(),
    };
  }
  const push = new Push({ linger: 0 });
  push.connect(url);
  return { send: (frame) => push.send(frame), close: async () => push.close() };
}

/** Receives over it until the process ends. Resolves when frames can arrive. */
export async function rawReceiver(bus: Exclude<BusName, 'memory'>, url: string, onFrame: () => void): Promise<void> {
  if (bus === 'nats') {
    const connection = await connect({ servers: url });
    connection.subscribe(channel, { callback: onFrame });
    await connection.flush();
  } else if (bus === 'redis') {
    const redis = new Redis(url);
    redis.on('messageBuffer', onFrame);
    await redis.subscribe(channel);
  } else {
    const pull = new Pull();
    await pull.bind(url);
    void receiveAll(pull, onFrame);
  }
}

async function receiveAll(pull: Pull, onFrame: () => void): Promise<void> {
  for await (const _frame of pull) onFrame();
}

/** Both ends in this process, over a network in memory. */
export async function memoryLink(onFrame: () => void): Promise<RawSender> {
  const network = memoryNetwork();
  const [a, b] = [network.transport('a'), network.transport('b')];
  await a.open({ id: 'a' }, () => {}, 'bench');
  await b.open({ id: 'b' }, onFrame, 'bench');
  return {
    send(frame) {
      a.send([{ id: 'b' }], frame);
      return undefined;
    },
    async close() {
      await a.close();
      await b.close();
    },
  };
}
