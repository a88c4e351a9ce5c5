import type { AnyState, StateFactory } from '@paxakos/core';
import type { AnyLogEntry, ApplyContext } from '@paxakos/core/contracts';
import type { Life } from './life.ts';
import type { Observation } from './observation.ts';

/** What is asked of a state beside its contract. */
export interface StateProbe {
  /** A short text that is the same for equal states. */
  digest(state: AnyState): string;
}

/** The same state, each entry that it applies being watched. */
function observed(
  inner: AnyState,
  life: Life,
  probe: StateProbe,
  observe: (observation: Observation) => void,
): AnyState {
  const apply = (entry: never, context: ApplyContext<never>): unknown => {
    const { round } = context;
    const outcome = inner.apply(entry, context);
    observe({ type: 'applied', life, round, entry: entry as AnyLogEntry, outcome, digest: probe.digest(inner) });
    return outcome;
  };
  return new Proxy(inner, {
    get(target, property) {
      if (property === 'apply') return apply;
      // Of the target, so that it finds its private fields.
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Makes watched states for one life. */
export function observedFactory(
  factory: StateFactory<AnyState>,
  life: Life,
  probe: StateProbe,
  observe: (observation: Observation) => void,
): StateFactory<AnyState> {
  return {
    create: () => observed(factory.create(), life, probe, observe),
    thaw(frozen) {
      const inner = factory.thaw(frozen);
      observe({ type: 'thawed', life, digest: probe.digest(inner) });
      return observed(inner, life, probe, observe);
    },
  };
}
