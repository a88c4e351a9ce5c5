/** The demonstration cannot go on. The message says why, and what to do, in words for its user. */
export class DemoError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'DemoError';
  }
}
