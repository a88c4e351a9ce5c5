import type { CoordNum, Message } from '@paxakos/core/contracts';
import type { Progress } from './local-node.ts';
import { orderOf } from './order-of.ts';
import type { World } from './world.ts';

function isBelow(number: CoordNum, bound: CoordNum | undefined): boolean {
  return bound !== undefined && orderOf(number, bound) < 0;
}

function isSame(number: CoordNum, other: CoordNum | undefined): boolean {
  return other !== undefined && orderOf(number, other) === 0;
}

function isObserved(number: CoordNum, { greatest }: Progress): boolean {
  return greatest !== undefined && orderOf(number, greatest) <= 0;
}

/** What may still befall a node. */
export interface Frailty {
  readonly crash: boolean;
  readonly loss: boolean;
}

/**
 * Whether a message can never make a difference any more to a node that has come so far, whatever else happens: two states that
 * differ in nothing but such messages are one. `isFrail`: the
 * node may still crash, or lose its memory, and so fall behind. `tells`: nodes tell
 * one another what they missed.
 *
 * Promises and acceptances count only for the bid they answer, and no number is bid twice; where nodes tell one another what they
 * missed, a vote may say besides that there is something to ask for, and when there is nothing any more it can only put such a
 * question off. Prepares and proposals below a promise are refused; what is committed is not voted on. This holds where refusals
 * are lost, and only there it is asked.
 */
export function isSpent(message: Message, progress: Progress, isFrail: Frailty, tells: boolean): boolean {
  switch (message.type) {
    case 'promise':
    case 'acceptance': {
      const makesFetch = tells && (isFrail.crash || isFrail.loss || message.committed > progress.committed);
      return !makesFetch && !isSame(message.number, progress.bid) && isObserved(message.number, progress);
    }
    case 'prepare':
    case 'propose': {
      if (isFrail.loss) return false;
      if (isBelow(message.number, isFrail.crash ? progress.durablyPromised : progress.promised)) return true;
      const last = message.type === 'prepare' ? message.from : message.from + message.entries.length - 1;
      return !tells && !isFrail.crash && last <= progress.committed && isObserved(message.number, progress);
    }
    case 'commit': {
      const last = message.from + message.ids.length - 1;
      return (
        !tells && !isFrail.crash && !isFrail.loss && last <= progress.committed && isObserved(message.number, progress)
      );
    }
    default:
      return false;
  }
}

/** Whether the world loses all refusals, so that nothing is ever answered to a message that is spent. */
export function losesRefusals({ lost }: World): boolean {
  return lost.includes('supplanted') && lost.includes('converged');
}
