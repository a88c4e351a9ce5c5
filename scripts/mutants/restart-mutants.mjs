// Bugs in what outlasts a restart or a snapshot: what is written, what is taken back, and who notices that it is not all there.
import { mutantsOf } from './mutants-of.mjs';

export const restartMutants = [
  ...mutantsOf('packages/core/src/protocol/chronicle.ts', [
    [
      'P8 a restart takes whatever was accepted in a round for what was committed there',
      'if (held === undefined || !sameCoordNum(held.number, number)) continue;',
      'if (held === undefined) continue;',
    ],
    [
      'P3 an installed snapshot lets go of what was accepted',
      'learner.orient(image.round);\n    // All that follows',
      'learner.orient(image.round);\n    acceptor.forgetThrough(0, Number.MAX_SAFE_INTEGER);\n    // All that follows',
    ],
    [
      'P3 a state stands for proposals that were let go of before it had them',
      'const isOwed = round < this.#settled || round !== stateRound;',
      'const isOwed = round !== stateRound;',
    ],
    ['P10 the founding is not written', "if (news) outbox.persist([{ type: 'founding', founding }]);", ''],
  ]),
  ...mutantsOf('packages/core/src/protocol/acceptor.ts', [
    [
      'P1 a restart forgets the promise that only the snapshot holds',
      'if (promised !== undefined) this.#raise(promised);',
      '',
    ],
    ['P4 a restart forgets a bid', "if (record.type === 'bid') this.observe(record.number);", ''],
  ]),
  ...mutantsOf('packages/core/src/protocol/leadership.ts', [
    ['P7 an own acceptance is not written', 'ticket: outbox.persist([record])', 'ticket: outbox.persist([])'],
  ]),
  ...mutantsOf('packages/core/src/protocol/peers.ts', [
    [
      'H9 a peer remembers the least vote that it saw',
      'compareCoordNums(vote.number, peer.seen.number) > 0',
      'compareCoordNums(vote.number, peer.seen.number) < 0',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/kernel.ts', [
    [
      'H9 a node that voted for more than a peer saw is taken for one whose disk was put back',
      'promised !== undefined && compareCoordNums(promised, number) >= 0,',
      'promised !== undefined && compareCoordNums(promised, number) <= 0,',
    ],
  ]),
];
