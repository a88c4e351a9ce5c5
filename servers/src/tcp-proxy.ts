/// <reference lib="esnext.disposable" preserve="true" />
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Flow, type FlowSettings } from './flow.ts';

/** A way to a server that can be cut, held and slowed. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Map<readonly [client: Socket, upstream: Socket], readonly Flow[]>();
  readonly #settings: FlowSettings = { isHeld: false, delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
  #isCut = false;

  /** Listens on loopback in front of a port of it. */
  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection, and lets none be made until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs.keys()) for (const socket of pair) reset(socket);
  }

  /** Lets connections stand but nothing through, in either direction, as a network does that loses every packet. */
  hold(): void {
    this.#set({ isHeld: true });
  }

  /** Undoes `cut` and `hold`. */
  mend(): void {
    this.#isCut = false;
    this.#set({ isHeld: false });
  }

  /** Lets everything arrive later by so much, in each direction. In ms. */
  delay(delayMs: number): void {
    this.#set({ delayMs });
  }

  /** Lets no more through than this, in each direction of each connection. */
  narrow(bytesPerSecond: number): void {
    this.#set({ bytesPerSecond });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      reset(client);
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: this.#target });
    const pair = [client, upstream] as const;
    this.#pairs.set(pair, [new Flow(client, upstream, this.#settings), new Flow(upstream, client, this.#settings)]);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.setNoDelay(true);
      from.on('error', () => {}); // 'close' follows
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
  }

  #set(settings: Partial<FlowSettings>): void {
    Object.assign(this.#settings, settings);
    for (const flows of this.#pairs.values()) for (const flow of flows) flow.update();
  }
}

/** Node.js never closes one that is reset while it shuts down, and then the process does not exit. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
