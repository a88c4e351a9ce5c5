import type { NodeInfo, Transport, TransportTrouble } from '@paxakos/core';

/** Passes everything on, until it is told to do otherwise with what is sent. */
export class Tap implements Transport {
  readonly #transport: Transport;
  /** How many frames were sent. */
  frames = 0;
  /** Gives the frames to send in place of one. */
  instead: ((frame: Uint8Array) => readonly Uint8Array[]) | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get frameBytesMax(): number {
    return this.#transport.frameBytesMax;
  }

  open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    return this.#transport.open(self, deliver, cluster);
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    this.frames += 1;
    for (const each of this.instead?.(frame) ?? [frame]) this.#transport.send(receivers, each);
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#transport.onTrouble?.(listener);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
