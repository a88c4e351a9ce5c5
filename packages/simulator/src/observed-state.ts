import type { AnyState, StateFactory } from '@paxakos/core';
import type { AnyLogEntry, ApplyContext, NodeInfo } from '@paxakos/core/contracts';
import type { Life } from './life.ts';
import type { Observation } from './observation.ts';

/** What is asked of a state beside its contract. */
export interface StateProbe {
  /** A short text that is the same for equal states. */
  digest(state: AnyState): string;
}

/** A state that is watched. */
export class ObservedState implements AnyState {
  readonly inner: AnyState;
  readonly #life: Life;
  readonly #probe: StateProbe;
  readonly #observe: (observation: Observation) => void;

  constructor(inner: AnyState, life: Life, probe: StateProbe, observe: (observation: Observation) => void) {
    this.inner = inner;
    this.#life = life;
    this.#probe = probe;
    this.#observe = observe;
  }

  apply(entry: never, context: ApplyContext<never>): unknown {
    const { round } = context;
    const outcome = this.inner.apply(entry, context);
    const digest = this.#probe.digest(this.inner);
    this.#observe({ type: 'applied', life: this.#life, round, entry: entry as AnyLogEntry, outcome, digest });
    return outcome;
  }

  cluster(): readonly NodeInfo[] {
    return this.inner.cluster();
  }

  concurrency(): number {
    return this.inner.concurrency?.() ?? 1_024;
  }

  freeze(): unknown {
    return this.inner.freeze();
  }
}

/** Makes watched states for one life. */
export function observedFactory(
  factory: StateFactory<AnyState>,
  life: Life,
  probe: StateProbe,
  observe: (observation: Observation) => void,
): StateFactory<AnyState> {
  return {
    create: () => new ObservedState(factory.create(), life, probe, observe),
    thaw(frozen) {
      const inner = factory.thaw(frozen);
      observe({ type: 'thawed', life, digest: probe.digest(inner) });
      return new ObservedState(inner, life, probe, observe);
    },
  };
}
