import { InvalidError } from '../contracts/index.ts';

/** What goes wrong on one way between two nodes. Whatever is not named stays as it was. */
export interface LinkFaults {
  /** How likely a frame is lost, from 0 to 1. Default: 0. */
  readonly loss?: number;
  /** How likely a frame comes twice, from 0 to 1. Default: 0. */
  readonly duplication?: number;
  /** How long a frame takes. Default: 0, which is a later microtask. Needs a clock. */
  readonly delayMs?: number;
  /** Up to how much longer each frame may take, so that frames overtake one another. Default: 0. Needs a clock. */
  readonly jitterMs?: number;
  /** Whether every frame is lost. Default: no. */
  readonly isCut?: boolean;
}

/** No faults. */
export const noFaults: Required<LinkFaults> = { loss: 0, duplication: 0, delayMs: 0, jitterMs: 0, isCut: false };

/** Refuses values that mean nothing, and faults that need what the network was not given. */
export function checkFaults(faults: LinkFaults, has: { readonly clock: boolean; readonly random: boolean }): void {
  const { loss = 0, duplication = 0, delayMs = 0, jitterMs = 0 } = faults;
  for (const [name, share] of Object.entries({ loss, duplication })) {
    if (!(share >= 0 && share <= 1)) throw new InvalidError(name, share, 'give a probability from 0 to 1');
  }
  for (const [name, timeMs] of Object.entries({ delayMs, jitterMs })) {
    if (!(timeMs >= 0 && timeMs < Number.POSITIVE_INFINITY))
      throw new InvalidError(name, timeMs, 'give milliseconds, from 0');
  }
  if (!has.clock && (delayMs > 0 || jitterMs > 0)) {
    throw new InvalidError('clock', undefined, 'delays need one: memoryNetwork({ clock })');
  }
  if (!has.random && (loss % 1 !== 0 || duplication % 1 !== 0 || jitterMs > 0)) {
    throw new InvalidError('random', undefined, 'loss, duplication and jitter need it: memoryNetwork({ random })');
  }
}
