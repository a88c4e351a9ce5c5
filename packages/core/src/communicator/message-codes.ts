import type { Message } from '../contracts/index.ts';

/** The byte that says what a message is. A code is never given a second meaning. */
export const messageCodes: { readonly [Type in Message['type']]: number } = {
  prepare: 1,
  promise: 2,
  supplanted: 3,
  converged: 4,
  abstention: 5,
  propose: 6,
  acceptance: 7,
  rejection: 8,
  commit: 9,
  entries: 10,
  fetch: 11,
  progress: 12,
  inquire: 13,
  meet: 14,
  founded: 15,
  rejoin: 16,
  channel: 17,
};
