/** The demonstration cannot go on. The message says why, and what to do, in words for its user. */
export class DemoError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'DemoError';
  }
}

/** The command says something that cannot be meant. */
export class UsageError extends DemoError {}

/** What a system call failed on becomes words on the data directory. */
export function unusableData(data: string, cause: unknown): unknown {
  if (cause instanceof DemoError || typeof (cause as NodeJS.ErrnoException).code !== 'string') return cause;
  const { message } = cause as Error;
  return new DemoError(`--data ${data} cannot be used (${message}): name a directory that can be made and written to`, {
    cause,
  });
}
