// Bugs in the checks of what peers claim: each lets one message break its receiver, or hides that the receiver is behind.
import { mutantsOf } from './mutants-of.mjs';

export const claimMutants = [
  ...mutantsOf('packages/core/src/protocol/kernel.ts', [
    [
      'H77 any counter that a message names is plausible',
      '(this.acceptor.greatest?.counter ?? 0) + counterStepMax;',
      '(this.acceptor.greatest?.counter ?? 0) + 2 ** 53;',
    ],
    [
      'H79 a message under the own id of its receiver counts as a vote',
      'if (sender.id === this.self.id) {',
      "if (sender.id === '') {",
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/voting.ts', [
    [
      'H91 a bid from beyond the window of a voter is no reason to fetch',
      'if (from > this.#kernel.window.reach) this.#onMissing(sender, from - 1);',
      '',
    ],
    [
      'H78 an entry for a far round counts as known',
      'if (round > Math.max(window.reach, learner.committed + 1)) {',
      'if (round < 0) {',
    ],
    [
      'H80 a peer that contradicts the log stops the node',
      'if (contradiction !== undefined)',
      'if (contradiction?.round === 0)',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/peers.ts', [
    ['H81 strangers are never forgotten', 'if (this.#peers.size > peersMax) this.#forgetStranger();', ''],
    ['H81 a member makes room for a stranger', 'if (this.#isMember(id)) continue;', ''],
  ]),
  ...mutantsOf('packages/core/src/protocol/fetcher.ts', [
    [
      'H78 a commit of a far round counts as known',
      'if (round <= this.#kernel.window.reach) this.#wanted',
      'this.#wanted',
    ],
    [
      'H81 a node that is behind asks strangers before members',
      'else if (this.#kernel.knows(peer.info.id)) return peer;',
      'else if (!this.#kernel.knows(peer.info.id)) return peer;',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/rejoining.ts', [
    [
      'H79 anybody may ask to rejoin for another node',
      'if (sender.id !== node.id) return this.#kernel.distrust',
      "if (node.id === '') return this.#kernel.distrust",
    ],
  ]),
];
