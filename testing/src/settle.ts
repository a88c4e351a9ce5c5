/** Lets everything that is due without time passing happen: microtasks, and what they start. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
