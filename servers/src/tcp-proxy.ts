/// <reference lib="esnext.disposable" preserve="true" />
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut, held and slowed. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, upstream: Socket]>();
  #isCut = false;
  #isHeld = false;
  #delayMs = 0;

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
    for (const [client, upstream] of this.#pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  /** Lets connections stand but nothing through, in either direction, as a network does that loses every packet. */
  hold(): void {
    this.#isHeld = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Undoes `cut` and `hold`. */
  mend(): void {
    this.#isCut = false;
    this.#isHeld = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Lets everything arrive later by so much, in each direction. In ms. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: this.#target });
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.setNoDelay(true);
      from.on('error', () => {}); // 'close' follows
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
      from.on('data', (chunk) => this.#pass(chunk, from, to));
      if (this.#isHeld) from.pause();
    }
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (this.#delayMs > 0) {
      setTimeout(() => to.destroyed || to.write(chunk), this.#delayMs);
      return;
    }
    if (to.write(chunk) || this.#isHeld) return;
    from.pause();
    to.once('drain', () => this.#isHeld || from.resume());
  }
}
