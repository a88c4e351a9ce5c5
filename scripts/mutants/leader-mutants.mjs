// Bugs in the leading half of the protocol: mandates, placing and counting, and who governs which round.
import { mutantsOf } from './mutants-of.mjs';

const campaign = [
  ...mutantsOf('packages/core/src/protocol/promise-ledger.ts', [
    [
      'H70 a promise counts whatever its incarnation',
      'if (from <= round && round <= through && epoch.incarnations.get(node) === incarnation) votes += 1;',
      'if (from <= round && round <= through && epoch.incarnations.has(node)) votes += 1;',
    ],
    [
      'P5 a promise counts for rounds before it',
      'if (from <= round && round <= through && epoch',
      'if (round <= through && epoch',
    ],
    ['H14 a mandate reaches over a break in its promises', '      held = next;\n', '      held = to;\n'],
    [
      'P5 a mandate needs no majority',
      'return this.votes(epoch, round) >= majorityOf(epoch.members.length);',
      'return this.votes(epoch, round) >= majorityOf(epoch.members.length) - 1;',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/campaign.ts', [
    [
      'H68 a mandate of one cluster is used in rounds of another',
      'horizon = mandate.ledger.heldThrough(epoch, horizon + 1, to);',
      'horizon = mandate.ledger.heldThrough(epochs[0] as Epoch, horizon + 1, to);',
    ],
    ['P4 a bid is not written', "outbox.persist([{ type: 'bid', number }])", 'outbox.persist([])'],
    [
      'P4 a bid leaves before it is durable',
      'if (mandate === undefined || mandate.bidTicket > outbox.durable) return;',
      'if (mandate === undefined) return;',
    ],
    [
      'P6 promises of an older number count',
      'if (mandate === undefined || !sameCoordNum(message.number, mandate.number)) return;\n    mandate.heardAt = this.#kernel.now;\n    this.#covered',
      'if (mandate === undefined) return;\n    mandate.heardAt = this.#kernel.now;\n    this.#covered',
    ],
    ['H14 what promises report is not looked at', 'mandate.report(accepted);', ''],
    ['P1 an own promise is not written', 'outbox.persist(record === undefined ? [] : [record])', 'outbox.persist([])'],
    [
      'H14 an own promise reports nothing',
      'own.from, Number.MAX_SAFE_INTEGER, accepted);',
      'own.from, Number.MAX_SAFE_INTEGER, accepted.slice(accepted.length));',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/mandate.ts', [
    [
      'P4 of what promises report the lowest number counts',
      'compareCoordNums(known.number, proposal.number) >= 0) continue;',
      'compareCoordNums(known.number, proposal.number) <= 0) continue;',
    ],
  ]),
];

const leading = [
  ...mutantsOf('packages/core/src/protocol/leadership.ts', [
    ['H12 an acceptance counts each time it comes', ' || open.votes.includes(node)) continue;', ') continue;'],
    ['P7 an own acceptance counts before it is durable', 'if (own.ticket > outbox.durable) break;', ''],
    [
      'P5 what was reported is proposed beyond the mandate',
      'if (round > last || round > through) return;',
      'if (round > last) return;',
    ],
    ['H14 an own entry goes where another one was reported', 'return mandate.takeReport(round) ?? ', 'return '],
    ['P12 a new leader leaves gaps', 'while (mandate.next <= last) {', 'while (mandate.next < last) {'],
  ]),
  ...mutantsOf('packages/core/src/protocol/replica.ts', [
    [
      'P6 acceptances of an older number count',
      'if (mandate === undefined || !sameCoordNum(message.number, mandate.number)) return;\n    mandate.heardAt = this.#kernel.now;\n    if (message.type',
      'if (mandate === undefined) return;\n    mandate.heardAt = this.#kernel.now;\n    if (message.type',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/append-book.ts', [
    [
      'H53 what was proposed is said to have no effect',
      "return item.placed === undefined ? 'none' : 'unknown';",
      "return 'none';",
    ],
    [
      'H53 an append is acknowledged where another entry stands',
      'sameBytes(entry.bytes, committed.bytes)',
      'sameBytes(entry.bytes, entry.bytes)',
    ],
    ['H20 any no-op is taken for that of a read', "(entry.kind !== 'noop' || sameCoordNum(under, number))", 'true'],
  ]),
];

const log = [
  ...mutantsOf('packages/core/src/protocol/learner.ts', [
    [
      'P12 a gap is skipped',
      'const next = this.#ahead.get(this.committed + 1);',
      'const [next] = this.#ahead.values();',
    ],
    [
      'P12 an installed state gets its last entry once more',
      'this.#next = round + 1;',
      'this.#next = Math.max(round, 1);',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/window.ts', [
    [
      'P9 the window reaches one round too far',
      'Math.max(this.#reach, round + this.#concurrency)',
      'Math.max(this.#reach, round + this.#concurrency + 1)',
    ],
    [
      'H29 a change governs rounds that the window had reached before',
      'const next = this.#epochFrom(this.#reach + 1);',
      'const next = this.#epochFrom(Math.min(round + 1, this.#reach + 1));',
    ],
    [
      'P11 the late request of a former life is granted',
      'if (this.#incarnations.get(node) === replaces) this.#incarnations.set(node, incarnation);',
      'this.#incarnations.set(node, incarnation);',
    ],
    [
      'H32 a member whose incarnation nobody knows governs',
      'const met = this.#members.filter((member) => this.#incarnations.has(member.id));',
      'const met = this.#members;',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/chronicle.ts', [
    [
      'P3 a snapshot forgets accepted proposals',
      'accepted: acceptor.accepted.filter((proposal) => proposal.round > round),',
      'accepted: [],',
    ],
    ['P3 a snapshot forgets the promise', 'promised: acceptor.promised,', 'promised: undefined,'],
    ['P10 the incarnations in the log are ignored', 'if (rejoin !== undefined) this.#rejoins.set(round, rejoin);', ''],
  ]),
  ...mutantsOf('packages/core/src/protocol/founding.ts', [
    ['P10 a bond is not written', "outbox.persist([{ type: 'bind', incarnations }])", 'outbox.persist([])'],
    [
      'P10 a bond is told of before it is durable',
      'return this.#bond !== undefined && this.#bondTicket <= this.#kernel.outbox.durable;',
      'return this.#bond !== undefined;',
    ],
  ]),
  ...mutantsOf('packages/core/src/protocol/fetcher.ts', [
    [
      'H57 P11 a repeated answer makes room for the next request',
      'if (asked?.peer !== sender.id || !entries.some(({ round }) => round === asked.from)) return;',
      'if (asked?.peer !== sender.id || entries.length === 0) return;',
    ],
    [
      'H9 a disk that was put back is not told what it voted',
      'if (seen !== undefined) this.#kernel.checkVote(seen);',
      '',
    ],
  ]),
  ...mutantsOf('packages/core/src/node/read-state.ts', [
    [
      'H19 a linearizable read does not go through the log',
      "if (consistency === 'linearizable') {",
      'if (false as boolean) {',
    ],
    ['H20 a linearizable read does not wait until its no-op is applied', 'await commit.applied();', 'void commit;'],
  ]),
  ...mutantsOf('packages/core/src/node/driver.ts', [
    [
      'H3 the node does not wait for its storage',
      'const append = async (): Promise<void> => this.#parts.storage.append(records);',
      'const append = async (): Promise<void> => void this.#parts.storage.append(records).catch(() => {});',
    ],
    [
      'H3 what waits for a write is done at once',
      'for (const effect of then) this.#thens.push(effect);',
      'for (const effect of then) this.#perform(effect);',
    ],
  ]),
];

export const leaderMutants = [...campaign, ...leading, ...log];
