import type { AnyLogEntry, AppendOptions, Commit, DecorationHost } from '@paxakos/core/contracts';
import { isPaxakosError } from '@paxakos/core/contracts';

/** What a heartbeat told: a majority has answered, none has in time, or nothing can be told from it. */
export type Pulse = 'alive' | 'silent' | 'unclear';

/** How often a node that does not lead asks within one interval: a lost message is no reason to feel cut off. */
const asksPerBeat = 3;

const alive: ReadonlySet<string> = new Set(['PAXAKOS_LOST', 'PAXAKOS_CONVERGED']);
const silent: ReadonlySet<string> = new Set(['PAXAKOS_NO_QUORUM', 'PAXAKOS_ABORTED']);

/**
 * Appends a heartbeat that starts no election and is not retried, and waits for an answer, for as long as `ms`. Where the node
 * does not lead, the append comes down to asking the others how far they are. Ends at once where the node stops.
 */
export function beat(host: DecorationHost, ms: number, entry: (() => AnyLogEntry) | undefined): Promise<Pulse> {
  const { clock, node, signal } = host;
  const wasLeading = node.status === 'leading';
  const asks = wasLeading ? 1 : asksPerBeat;
  const ending = new AbortController();
  return new Promise((resolve) => {
    const cancels: (() => void)[] = [];
    const end = (pulse: Pulse): void => {
      for (const cancel of cancels) cancel();
      signal.removeEventListener('abort', onStop);
      ending.abort();
      resolve(pulse);
    };
    const onStop = (): void => end('unclear');
    const ask = async (): Promise<void> => {
      const pulse = await appended(host, entry, {
        leadership: 'check',
        retry: () => undefined,
        signal: ending.signal,
      });
      // An answer to an append that was placed, and then lost, does not tell who is there.
      const isClear = pulse === 'alive' || pulse === 'committed';
      if (pulse === 'committed' || (isClear && !wasLeading)) end('alive');
      else if (pulse === 'unclear' || isClear) end('unclear');
    };
    signal.addEventListener('abort', onStop, { once: true });
    cancels.push(clock.after(ms, () => end('silent')));
    for (let index = 1; index < asks; index += 1) cancels.push(clock.after((ms * index) / asks, () => void ask()));
    void ask();
  });
}

/** Appends, the application's entry or a no-op, and tells what came of it. */
async function appended(
  { appendNoop, node, reportError }: DecorationHost,
  entry: (() => AnyLogEntry) | undefined,
  options: AppendOptions,
): Promise<Pulse | 'committed'> {
  const told = (append: Promise<Commit<unknown>>): Promise<Pulse | 'committed'> =>
    append.then(() => 'committed', pulseOf);
  if (entry === undefined) return told(appendNoop(options));
  try {
    await node.append(entry(), options);
    return 'committed';
  } catch (error) {
    if (isPaxakosError(error) && error.code !== 'PAXAKOS_INVALID') return pulseOf(error);
    // Whatever is wrong with the entry itself must not stop the heart.
    reportError('entry', error);
    return told(appendNoop(options));
  }
}

function pulseOf(error: unknown): Pulse {
  const { code } = error as { readonly code: string };
  if (alive.has(code)) return 'alive';
  return silent.has(code) ? 'silent' : 'unclear';
}
