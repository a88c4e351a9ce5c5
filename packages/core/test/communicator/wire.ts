import type { NodeInfo, Transport, TransportTrouble } from '../../src/contracts/index.ts';

/** A transport that keeps what is sent, and receives what a test hands it. */
export class Wire implements Transport {
  readonly frameBytesMax: number;
  readonly sent: { readonly receivers: readonly NodeInfo[]; readonly frame: Uint8Array }[] = [];
  deliver: (frame: Uint8Array) => void = () => {};
  trouble: (trouble: TransportTrouble) => void = () => {};
  closedTimes = 0;

  constructor(frameBytesMax = 1_000_000) {
    this.frameBytesMax = frameBytesMax;
  }

  get frames(): Uint8Array[] {
    return this.sent.map(({ frame }) => frame);
  }

  async open(_self: NodeInfo, deliver: (frame: Uint8Array) => void): Promise<void> {
    this.deliver = deliver;
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (this.closedTimes === 0) this.sent.push({ receivers, frame });
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.trouble = listener;
  }

  async close(): Promise<void> {
    this.closedTimes++;
  }
}
