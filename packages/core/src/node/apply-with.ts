import type { AnyLogEntry, ApplyContext, ApplyHandlers, OutcomeOf } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';

/**
 * Makes a state's `apply` out of one handler for each type of entry. The compiler checks that none is missing and that each
 * gives its entry's outcome; an entry of a type without handler, from a newer version of the application perhaps, throws an
 * `InvalidError`, and the node then ejects its state rather than skip the entry.
 */
export function applyWith<E extends AnyLogEntry, Change = unknown>(
  handlers: ApplyHandlers<E, Change>,
): (entry: E, context: ApplyContext<Change>) => OutcomeOf<E> {
  // The compiler cannot relate a handler of one type to the union; the lookup below does.
  const byType = handlers as unknown as Readonly<
    Record<string, (entry: E, context: ApplyContext<Change>) => OutcomeOf<E>>
  >;
  return (entry, context) => {
    // Not what objects inherit: `constructor` is no handler.
    const handler = Object.hasOwn(byType, entry.type) ? byType[entry.type] : undefined;
    if (typeof handler !== 'function') {
      const known = Object.keys(byType).join(', ');
      throw new InvalidError('entry.type', entry.type, `there is no handler for it; there are handlers for: ${known}`);
    }
    return handler.call(byType, entry, context);
  };
}
