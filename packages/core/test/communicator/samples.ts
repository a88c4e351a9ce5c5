import { encodeUtf8, makeEntry, noopEntry } from '../../src/communicator/index.ts';
import type { CoordNum, Message } from '../../src/contracts/index.ts';

export const incarnation = '00112233445566778899aabbccddeeff';
export const number: CoordNum = { counter: 300, node: 'a', incarnation };
const greater: CoordNum = { counter: 2 ** 53 - 1, node: 'bé', incarnation: 'ff'.repeat(16) };
export const hello = makeEntry('application', encodeUtf8('id-1'), encodeUtf8('hello'));
const proposal = (round: number, entry = hello) => ({ round, number, entry });

/** One message of each type, with values that never change: their bytes are pinned. */
export const samples: { readonly [Type in Message['type']]: Extract<Message, { readonly type: Type }> } = {
  prepare: { type: 'prepare', number, from: 2 ** 53 - 2 },
  promise: {
    type: 'promise',
    number,
    incarnation,
    from: 5,
    through: 2 ** 53 - 1,
    accepted: [proposal(5), proposal(6, noopEntry), proposal(9), { ...proposal(10), number: greater }],
    committed: 4,
  },
  supplanted: { type: 'supplanted', refused: number, greatest: greater },
  converged: { type: 'converged', refused: number, greatest: greater, round: 128, committed: 200 },
  abstention: { type: 'abstention', number, incarnation, data: encodeUtf8('no') },
  propose: { type: 'propose', number, from: 10, entries: [hello, noopEntry] },
  acceptance: {
    type: 'acceptance',
    number,
    incarnation,
    from: 10,
    to: 11,
    committed: 9,
    data: [encodeUtf8('yes'), encodeUtf8('')],
  },
  rejection: { type: 'rejection', number, incarnation, round: 10, data: encodeUtf8('nay') },
  commit: { type: 'commit', number, from: 10, ids: [hello.id, noopEntry.id] },
  entries: { type: 'entries', entries: [proposal(1), proposal(2), proposal(4)], committed: 4 },
  fetch: { type: 'fetch', from: 1, to: 16_384 },
  progress: { type: 'progress', committed: 0, retained: 1, reply: true },
  inquire: { type: 'inquire', number, round: 7 },
  meet: { type: 'meet', incarnation, incarnations: [['a', incarnation]], bound: true },
  founded: {
    type: 'founded',
    founding: {
      members: [{ id: 'a' }, { id: 'b', address: 'tcp://10.0.0.1:7000' }],
      incarnations: [['a', incarnation]],
    },
    incarnation: undefined,
    committed: 12,
  },
  rejoin: { type: 'rejoin', node: { id: 'b', address: 'x' }, incarnation, replaces: incarnation, attempt: 2 },
  channel: { type: 'channel', channel: 'delegation', bytes: Uint8Array.of(0, 255) },
};
