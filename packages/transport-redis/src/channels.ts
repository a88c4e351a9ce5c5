import type { NodeId } from '@paxakos/core/contracts';

const rememberedMax = 1_024;

/** A name as a part of a channel's: what is not a letter, a digit, `-` or `_` becomes `%` and two hex digits a byte. */
function part(name: string): string {
  let text = '';
  for (const byte of Buffer.from(name, 'utf8')) {
    const character = String.fromCharCode(byte);
    text += /[\w-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** Where the frames of one cluster go. */
export class Channels {
  /** For frames to several nodes. */
  readonly all: string;
  /** What fits all of them, as a rule of Redis' access lists has it. */
  readonly pattern: string;
  readonly #base: string;
  readonly #ofNode = new Map<NodeId, string>();

  /** Of a Redis Cluster, all channels are in one slot, so that one server carries them and keeps their order. */
  constructor(prefix: string, cluster: string, isSharded: boolean) {
    const name = `${prefix}:${part(cluster)}`;
    this.#base = isSharded ? `{${name}}` : name;
    this.all = `${this.#base}:all`;
    this.pattern = `${this.#base}:*`;
  }

  /** For frames to one node. */
  of(id: NodeId): string {
    let channel = this.#ofNode.get(id);
    if (channel === undefined) {
      if (this.#ofNode.size === rememberedMax) this.#ofNode.clear();
      channel = `${this.#base}:node:${part(id)}`;
      this.#ofNode.set(id, channel);
    }
    return channel;
  }
}
