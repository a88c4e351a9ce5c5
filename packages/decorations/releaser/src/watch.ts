/** How long one claim has stood without an extension, as far as this node could watch. */
interface Watched {
  readonly since: number;
  /** When to see to it again, in watched milliseconds, after a try to clear it. */
  holdOffUntil: number;
}

/** A claim that was not extended in time. */
export interface Overdue {
  readonly name: string;
  readonly extension: number;
}

/** A claim to watch. */
interface Claim extends Overdue {
  readonly durationMs: number;
}

/**
 * Measures how long claims have stood, in steps: a step that took longer than planned counts no longer than planned, since a node
 * that stood still has not seen what it missed. So it is late at times, and never early.
 */
export class Watch {
  #claims = new Map<number, Watched>();
  /** Milliseconds watched in all. */
  #watchedMs = 0;
  #lookedAt: number | undefined;

  /** Forgets what it has seen: all claims count anew. */
  reset(): void {
    this.#claims = new Map();
  }

  /** Ends a step that was planned to take `plannedMs`. Gives whether it came in time; else judge nothing now. */
  step(now: number, plannedMs: number): boolean {
    const tookMs = this.#lookedAt === undefined ? 0 : now - this.#lookedAt;
    this.#lookedAt = now;
    this.#watchedMs += Math.min(tookMs, plannedMs);
    return tookMs <= 2 * plannedMs + lateMs;
  }

  /** Takes note of all claims, and gives those that have stood for longer than `limitMs` says of their durations. */
  look(claims: Iterable<Claim>, limitMs: (durationMs: number) => number): Overdue[] {
    const seen = new Map<number, Watched>();
    const overdue: Overdue[] = [];
    for (const { name, extension, durationMs } of claims) {
      const watched = this.#claims.get(extension) ?? { since: this.#watchedMs, holdOffUntil: 0 };
      seen.set(extension, watched);
      const isOverdue = this.#watchedMs - watched.since >= limitMs(durationMs);
      if (isOverdue && this.#watchedMs >= watched.holdOffUntil) overdue.push({ name, extension });
    }
    this.#claims = seen;
    return overdue;
  }

  /** It is being cleared: not again for so long. */
  holdOff(extension: number, forMs: number): void {
    const watched = this.#claims.get(extension);
    if (watched !== undefined) watched.holdOffUntil = this.#watchedMs + forMs;
  }
}

/** What every timer may be late by, in milliseconds. */
const lateMs = 50;
