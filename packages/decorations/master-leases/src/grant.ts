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

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}
