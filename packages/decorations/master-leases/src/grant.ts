import { type Codec, InvalidError } from '@paxakos/core/contracts';

/** What a member that accepts a proposal promises its leader: to help nobody else to lead for `forMs` of its own clock. */
export interface Grant {
  readonly forMs: number;
  /** What its clock showed, in milliseconds. */
  readonly at: number;
  /** Another number for each process. */
  readonly life: number;
}

/** The data of a vote, where there is any. `data` is what the voter below gave. */
export interface GrantingData {
  readonly masterLease?: Grant;
  readonly data?: unknown;
}

/** Reads the grant out of a vote's data, if there is one. */
export function grantOf(data: unknown): Grant | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { masterLease } = data as { readonly masterLease?: unknown };
  if (typeof masterLease !== 'object' || masterLease === null) return undefined;
  const { forMs, at, life } = masterLease as { readonly [Name in keyof Grant]?: unknown };
  if (!isTime(forMs) || !isTime(at) || typeof life !== 'number') return undefined;
  return { forMs, at, life };
}

/** Throws `InvalidError` where the codec cannot carry grants: each vote with one would be a nay. */
export function checkCodec(codec: Codec): void {
  const forMs = 1_000.5;
  const data: GrantingData = { masterLease: { forMs, at: 0, life: 0.5 } };
  let read: unknown;
  try {
    read = codec.decode(codec.encode(data));
  } catch (error) {
    read = error;
  }
  if (grantOf(read)?.forMs !== forMs)
    throw new InvalidError(
      'codec',
      read,
      'give one that takes plain objects of numbers and strings as well, or jsonCodec',
    );
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}
