import type { Channel, DecorationHost, NodeInfo } from '@paxakos/core';
import { decodeMessage } from '../src/decode-message.ts';
import { encodeMessage } from '../src/encode-message.ts';
import type { Message } from '../src/message.ts';

/** A node in whose place a test speaks. */
export class FakePeer {
  readonly heard: Message[] = [];
  #channel: Channel | undefined;
  host: DecorationHost | undefined;
  /** What it does about a message. */
  answer: (sender: NodeInfo, message: Message) => void = () => {};

  readonly install = (host: DecorationHost): void => {
    this.host = host;
    this.#channel = host.channel('snapshots');
    this.#channel.onMessage((sender, bytes) => {
      const message = decodeMessage(new Uint8Array(bytes));
      this.heard.push(message);
      this.answer(sender, message);
    });
  };

  send(id: string, message: Message): void {
    this.sendBytes(id, encodeMessage(message));
  }

  sendBytes(id: string, bytes: Uint8Array): void {
    this.#channel?.send([{ id }], bytes);
  }

  of<Type extends Message['type']>(type: Type): readonly Extract<Message, { type: Type }>[] {
    return this.heard.filter((message) => message.type === type) as never;
  }
}
