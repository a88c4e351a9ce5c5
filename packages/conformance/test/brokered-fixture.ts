import { type Transport, TransportError, type TransportTrouble } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import type { TransportFixture } from '../src/transport/index.ts';
import { broken, type Fault } from './broken-fixture.ts';
import { memoryBytes } from './memory-fixture.ts';

/** What the servers of a bus are like, that lies in memory. */
export class Broker {
  isUp = true;
  isPaused = false;
  readonly members = new Set<Brokered>();
}

const waitingBytesMax = 16 * 1024 * 1024;

/** A transport that keeps every rule of one over a broker. */
export class Brokered implements Transport {
  readonly #broker: Broker;
  readonly #inner: Transport;
  #listener: ((trouble: TransportTrouble) => void) | undefined;
  #waiting: (() => void)[] = [];
  #waitingBytes = 0;

  constructor(broker: Broker, inner: Transport) {
    this.#broker = broker;
    this.#inner = inner;
  }

  get frameBytesMax(): number {
    return this.#inner.frameBytesMax;
  }

  async open(...args: Parameters<Transport['open']>): Promise<void> {
    if (!this.#broker.isUp) throw new TransportError('the broker is down');
    await this.#inner.open(...args);
    this.#broker.members.add(this);
  }

  send: Transport['send'] = (receivers, frame) => {
    const { isUp, isPaused } = this.#broker;
    const hasRoom = this.#waitingBytes + frame.length <= waitingBytesMax;
    if (!isUp || (isPaused && !hasRoom)) this.tell({ type: 'dropped', count: receivers.length });
    else if (isPaused) this.#wait(() => this.#inner.send(receivers, frame), frame.length);
    else this.#inner.send(receivers, frame);
  };

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#listener = listener;
  }

  close(): Promise<void> {
    this.#broker.members.delete(this);
    return this.#inner.close();
  }

  tell(trouble: TransportTrouble): void {
    try {
      this.#listener?.(trouble);
    } catch {
      // The listener's own business.
    }
  }

  takeAll(): void {
    for (const send of this.#waiting.splice(0)) send();
    this.#waitingBytes = 0;
  }

  #wait(send: () => void, bytes: number): void {
    this.#waiting.push(send);
    this.#waitingBytes += bytes;
  }
}

/** A network in memory behind a broker, that can be stopped and paused, and whose transports have a fault. */
export function brokeredFixture(makeFault: (broker: Broker) => Fault = () => () => ({})): TransportFixture {
  const network = memoryNetwork();
  const broker = new Broker();
  const fault = makeFault(broker);
  const tellAll = (trouble: TransportTrouble) => {
    for (const member of broker.members) member.tell(trouble);
  };
  const nodeOf = (id: string) => broken(new Brokered(broker, network.transport(id)), fault);
  return {
    node: (id) => ({ info: { id }, transport: nodeOf(id) }),
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    bus: {
      async stop() {
        broker.isUp = false;
        tellAll({ type: 'disconnected' });
      },
      async start() {
        broker.isUp = true;
        tellAll({ type: 'reconnected' });
      },
      pause() {
        broker.isPaused = true;
      },
      resume() {
        broker.isPaused = false;
        for (const member of broker.members) member.takeAll();
      },
    },
    async remote(id, home) {
      const transport = nodeOf(id);
      const echo = (frame: Uint8Array) => {
        if (frame.length <= 1_000) transport.send([home], Uint8Array.from(frame));
      };
      await transport.open({ id }, echo, 'main');
      return {
        info: { id },
        pause: () => network.pause(id),
        resume: () => network.resume(id),
        async kill() {
          network.resume(id);
          await transport.close();
        },
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}
