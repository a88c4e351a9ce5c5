import type { Message, Proposal } from '../contracts/index.ts';

function greatestOf(proposals: readonly Proposal[]): number {
  let greatest = 0;
  for (const { number } of proposals) greatest = Math.max(greatest, number.counter);
  return greatest;
}

/**
 * Returns the greatest counter that a message names; 0 if it names none.
 *
 * One message with a counter near 2^53 would use the counters up, and no node could bid any more (H77).
 */
export function greatestCounterIn(message: Message): number {
  switch (message.type) {
    case 'supplanted':
    case 'converged':
      return message.greatest.counter;
    case 'promise':
      return Math.max(message.number.counter, greatestOf(message.accepted));
    case 'entries':
      return greatestOf(message.entries);
    case 'prepare':
    case 'propose':
    case 'commit':
    case 'abstention':
    case 'acceptance':
    case 'rejection':
    case 'inquire':
      return message.number.counter;
    default:
      return 0;
  }
}
