import { type ApplyContext, applyWith, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import { freshId } from '@paxakos/testing';

export type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'fill', { bytes: number }>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'retry', { ms: number }>;

export interface Frozen {
  readonly sum: number;
  readonly ids: readonly string[];
  readonly retryMs: number;
  readonly filling: string;
}

/** A sum, its members, an interval, and as many bytes as one likes. */
export class Sum implements State<Op, Frozen> {
  sum: number;
  retryMs: number;
  ids: readonly string[];
  filling: string;
  /** What `freeze` throws, if anything. */
  broken: Error | undefined;

  constructor({ sum, ids, retryMs, filling }: Frozen) {
    this.sum = sum;
    this.ids = ids;
    this.retryMs = retryMs;
    this.filling = filling;
  }

  readonly #apply = applyWith<Op>({
    add: ({ value }) => {
      this.sum += value;
      return this.sum;
    },
    fill: ({ bytes }) => {
      this.filling = filling(bytes);
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    retry: ({ ms }) => {
      this.retryMs = ms;
    },
  });

  apply(entry: Op, context: ApplyContext): number | undefined {
    return this.#apply(entry, context) as number | undefined;
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  freeze(): Frozen {
    if (this.broken !== undefined) throw this.broken;
    const { sum, ids, retryMs, filling: text } = this;
    return { sum, ids, retryMs, filling: text };
  }
}

/** A text of so many characters, no two stretches of which are alike. */
function filling(length: number): string {
  let text = '';
  for (let at = 0; text.length < length; at += 1) text += `${at} `;
  return text.slice(0, length);
}

export const add = (value = 1) => ({ id: freshId(), type: 'add', value }) as const;
export const fill = (bytes: number) => ({ id: freshId(), type: 'fill', bytes }) as const;
export const setMembers = (...ids: string[]) => ({ id: freshId(), type: 'members', ids }) as const;
export const setRetry = (ms: number) => ({ id: freshId(), type: 'retry', ms }) as const;
