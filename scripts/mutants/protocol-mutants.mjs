// Bugs in the voting half of the protocol: numbers, promises, acceptances, and what is written before what leaves.
import { mutantsOf } from './mutants-of.mjs';

const acceptor = mutantsOf('packages/core/src/protocol/acceptor.ts', [
  [
    'P2 an acceptor refuses no lesser number',
    'return this.#promised !== undefined && compareCoordNums(number, this.#promised) < 0;',
    'return false;',
  ],
  [
    'P1 a promise is not written',
    "this.#raise(number);\n    return { type: 'promise', number };",
    'this.#raise(number);\n    return undefined;',
  ],
  [
    'P2 an acceptance does not bind to its number',
    'this.#raise(number);\n    for (let index = 0; index < entries.length; index += 1) {\n      const round',
    'for (let index = 0; index < entries.length; index += 1) {\n      const round',
  ],
  [
    'P3 a promise leaves out what was accepted in its first round',
    'if (proposal.round < from) continue;',
    'if (proposal.round <= from) continue;',
  ],
  [
    'H14 a promise that is cut short claims one round too many',
    'return { accepted, through: proposal.round - 1 };',
    'return { accepted, through: proposal.round };',
  ],
  [
    'P1 a restart forgets the promise within an acceptance',
    'this.#raise(number);\n    for (let index = Math.max(0, committed + 1 - from)',
    'for (let index = Math.max(0, committed + 1 - from)',
  ],
  [
    'P1 a restart forgets a promise',
    "if (record.type === 'promise' && !this.refuses(record.number)) this.#raise(record.number);",
    "if (record.type === 'promise') this.observe(record.number);",
  ],
  [
    'P3 the accepted proposals of a snapshot are not taken back',
    'for (const proposal of accepted) this.#accepted.set(proposal.round, proposal);',
    '',
  ],
]);

const numbers = [
  ...mutantsOf('packages/core/src/protocol/coord-num.ts', [
    ['H15 counters compare the wrong way round', 'return a.counter - b.counter;', 'return b.counter - a.counter;'],
    [
      'H69 numbers of two nodes count as one',
      'if (a.node !== b.node) return a.node < b.node ? -1 : 1;\n  if (a.incarnation !== b.incarnation) return a.incarnation < b.incarnation ? -1 : 1;',
      '',
    ],
    [
      'H15 the lesser of two numbers counts as the greater',
      'return compareCoordNums(a, b) >= 0 ? a : b;',
      'return compareCoordNums(a, b) <= 0 ? a : b;',
    ],
    [
      'P4 the next number is the last one again',
      'counter: (greatest?.counter ?? 0) + 1,',
      'counter: greatest?.counter ?? 1,',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/majority-of.ts', [
    [
      'H11 half a cluster counts as a majority',
      'return Math.floor(members / 2) + 1;',
      'return Math.ceil(members / 2);',
    ],
    [
      'H11 a majority is one less',
      'return Math.floor(members / 2) + 1;',
      'return Math.max(1, Math.floor(members / 2));',
    ],
    [
      'P10 an acceptance counts whatever its incarnation',
      'return epoch.incarnations.get(node) === incarnation;',
      'return epoch.incarnations.has(node);',
    ],
  ]),
];

const voting = mutantsOf('packages/core/src/protocol/voting.ts', [
  [
    'P1 a promise leaves before it is durable',
    'else outbox.persist([record], [{ type: ',
    'else outbox.send([sender], reply), outbox.persist([record], [{ type: ',
  ],
  [
    'P1 an acceptance leaves before it is durable',
    "outbox.persist([record], [{ type: 'send', to: [sender], message }]);",
    'outbox.persist([record]);\n      outbox.send([sender], message);',
  ],
  [
    'P1 a promise that is asked for again leaves before it is durable',
    'if (record === undefined) outbox.sendDurably(sender, reply);',
    'if (record === undefined) outbox.send([sender], reply);',
  ],
  [
    'P1 an acceptance that is asked for again leaves before it is durable',
    "outbox.sendDurably(sender, { type: 'acceptance',",
    "outbox.send([sender], { type: 'acceptance',",
  ],
  [
    'P2 a proposal below the promise is not refused',
    'if (acceptor.refuses(number)) return this.#supplant(sender, number);\n    const fresh',
    'const fresh',
  ],
  [
    'P2 a prepare below the promise is not refused',
    'if (acceptor.refuses(number)) return this.#supplant(sender, number);\n    if (from <=',
    'if (from <=',
  ],
  [
    'P8 a commit by id is carried out on another proposal',
    'held === undefined ||\n        !sameCoordNum(held.number, number) ||\n        !sameBytes(held.entry.id, ids[index] as Uint8Array)',
    'held === undefined',
  ],
]);

const writes = mutantsOf('packages/core/src/protocol/outbox.ts', [
  [
    'P1 nothing waits for what is being written',
    'if (this.durable === this.#ticket) this.send([to], message);',
    'if (this.durable <= this.#ticket) this.send([to], message);',
  ],
]);

export const protocolMutants = [...acceptor, ...numbers, ...voting, ...writes];
