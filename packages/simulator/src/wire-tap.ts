import { overTransport } from '@paxakos/core';
import type { Message, NodeInfo } from '@paxakos/core/contracts';
import type { Life } from './life.ts';

/** Reads what nodes say, as it leaves them, with the codec that they use themselves. */
export class WireTap {
  readonly #onMessage: (life: Life, to: readonly NodeInfo[], message: Message) => void;
  #deliver: (frame: Uint8Array) => void = () => {};
  #heard = 0;
  #current: { readonly life: Life; readonly to: readonly NodeInfo[] } | undefined;

  constructor(cluster: string, onMessage: (life: Life, to: readonly NodeInfo[], message: Message) => void) {
    this.#onMessage = onMessage;
    const transport = {
      frameBytesMax: 1 << 20,
      open: async (_self: NodeInfo, deliver: (frame: Uint8Array) => void): Promise<void> => {
        this.#deliver = deliver;
      },
      send: () => {},
      close: async () => {},
    };
    const communicator = overTransport(transport, { cluster });
    // What opens it does so at once, up to where it takes frames.
    void communicator.open({ id: 'wire tap' }, (_sender, message) => {
      this.#heard += 1;
      if (this.#current !== undefined) this.#onMessage(this.#current.life, this.#current.to, message);
    });
  }

  /** Gives how many messages end with the frame; none where it holds but a part of one. */
  hear(life: Life, to: readonly NodeInfo[], frame: Uint8Array): number {
    this.#heard = 0;
    this.#current = { life, to };
    this.#deliver(frame);
    this.#current = undefined;
    return this.#heard;
  }
}
