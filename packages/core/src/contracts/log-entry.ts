declare const outcomeOf: unique symbol;

/**
 * An entry of the application's log: a `type`, an `id` that is unique within the time of its append, and further fields.
 *
 * `Outcome` is what applying it gives back to its appender; it exists for the compiler only.
 */
export type LogEntry<Type extends string = string, Fields extends object = object, Outcome = void> = Readonly<
  { id: string; type: Type } & Fields
> & { readonly [outcomeOf]?: (() => Outcome) | undefined };

/** Any entry, whatever its fields and outcome. */
export interface AnyLogEntry {
  readonly id: string;
  readonly type: string;
  readonly [outcomeOf]?: (() => unknown) | undefined;
}

/** What applying an entry of type `E` gives back to its appender. */
export type OutcomeOf<E extends AnyLogEntry> = E extends { readonly [outcomeOf]?: (() => infer Outcome) | undefined }
  ? Outcome
  : never;

/** The member of the union `E` whose type is `Type`. */
export type EntryOfType<E extends AnyLogEntry, Type extends E['type']> = Extract<E, { readonly type: Type }>;
