/** A rule of the protocol does not hold. The node must not go on. */
export class BrokenInvariant extends Error {
  constructor(rule: string) {
    super(rule);
    this.name = 'BrokenInvariant';
  }
}

/** Throws where a rule of the protocol does not hold. */
export function invariant(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new BrokenInvariant(rule);
}
