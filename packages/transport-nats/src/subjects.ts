import type { NodeId } from '@paxakos/core/contracts';

/** A name as one token of a subject: what is not a letter, a digit, `-` or `_` becomes `=` and two hex digits a byte. */
function token(name: string): string {
  let text = '';
  for (const byte of Buffer.from(name, 'utf8')) {
    const character = String.fromCharCode(byte);
    text += /[\w-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** Where the frames of one cluster go. */
export class Subjects {
  /** For frames to several nodes. */
  readonly all: string;
  /** What all of them begin with. */
  readonly base: string;
  readonly #ofNode = new Map<NodeId, string>();

  constructor(prefix: string, cluster: string) {
    this.base = `${prefix}.${token(cluster)}`;
    this.all = `${this.base}.all`;
  }

  /** For frames to one node. */
  of(id: NodeId): string {
    let subject = this.#ofNode.get(id);
    if (subject === undefined) {
      if (this.#ofNode.size === rememberedMax) this.#ofNode.clear();
      subject = `${this.base}.node.${token(id)}`;
      this.#ofNode.set(id, subject);
    }
    return subject;
  }
}

const rememberedMax = 1_024;
