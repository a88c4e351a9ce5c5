import fc from 'fast-check';
import { makeEntry } from '../../src/communicator/index.ts';
import type {
  CoordNum,
  Entry,
  Founding,
  Incarnations,
  Message,
  NodeInfo,
  Proposal,
} from '../../src/contracts/index.ts';

const safeMax = Number.MAX_SAFE_INTEGER;

/** Small rounds, great ones, and those next to the last (H63). */
export const round: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.maxSafeNat().map((value) => Math.max(1, value)),
  fc.integer({ min: 0, max: 3 }).map((less) => safeMax - less),
);
export const committed: fc.Arbitrary<number> = fc.oneof(fc.constant(0), round);
export const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 }).map((array) => new Uint8Array(array));
export const nodeId: fc.Arbitrary<string> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
);
export const incarnation: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((array) => Array.from(array, (byte) => byte.toString(16).padStart(2, '0')).join(''));
const optionalIncarnation = fc.option(incarnation, { nil: undefined });
export const number: fc.Arbitrary<CoordNum> = fc.record({ counter: fc.maxSafeNat(), node: nodeId, incarnation });
export const node: fc.Arbitrary<NodeInfo> = fc.record(
  { id: nodeId, address: fc.string({ maxLength: 90 }) },
  { requiredKeys: ['id'] },
);
export const entry: fc.Arbitrary<Entry> = fc
  .record({
    kind: fc.constantFrom('application', 'noop', 'rejoin'),
    id: fc.uint8Array({ maxLength: 255 }),
    payload: bytes,
  })
  .map(({ kind, id, payload }) => makeEntry(kind as Entry['kind'], id, payload));

const proposalRun: fc.Arbitrary<Proposal[]> = fc
  .record({ from: round, number, entries: fc.array(entry, { minLength: 1, maxLength: 4 }) })
  .map(({ from, number, entries }) => {
    const start = Math.min(from, safeMax - entries.length + 1);
    return entries.map((entry, index) => ({ round: start + index, number, entry }));
  });
export const proposals: fc.Arbitrary<Proposal[]> = fc.array(proposalRun, { maxLength: 3 }).map((runs) => runs.flat());
export const incarnations: fc.Arbitrary<Incarnations> = fc.array(fc.tuple(nodeId, incarnation), { maxLength: 4 });
export const founding: fc.Arbitrary<Founding> = fc.record({ members: fc.array(node, { maxLength: 4 }), incarnations });
/** A run of rounds: its first, and how many, so that it does not pass the last round. */
const rounds = fc.tuple(round, round).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

function runOf<T>(items: fc.Arbitrary<T>): fc.Arbitrary<{ from: number; items: T[] }> {
  return fc
    .record({ from: round, items: fc.array(items, { minLength: 1, maxLength: 5 }) })
    .map(({ from, items }) => ({ from: Math.min(from, safeMax - items.length + 1), items }));
}

const type = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value);

/** Every type of message. */
export const messages: { readonly [Type in Message['type']]: fc.Arbitrary<Extract<Message, { readonly type: Type }>> } =
  {
    prepare: fc.record({ type: type('prepare'), number, from: round }),
    promise: fc.record({ number, incarnation, accepted: proposals, committed }).map(({ accepted, ...rest }) => {
      const inside = accepted.map((proposal) => proposal.round);
      const from = Math.min(7, ...inside);
      const through = Math.max(7, ...inside);
      return { type: 'promise' as const, ...rest, from, through, accepted };
    }),
    supplanted: fc.record({ type: type('supplanted'), refused: number, greatest: number }),
    converged: fc.record({ type: type('converged'), refused: number, greatest: number, round, committed }),
    abstention: fc.record({ type: type('abstention'), number, incarnation, data: bytes }),
    propose: fc
      .record({ number, run: runOf(entry) })
      .map(({ number, run }) => ({ type: 'propose' as const, number, from: run.from, entries: run.items })),
    acceptance: fc
      .record({ number, incarnation, rounds, committed, data: fc.array(bytes, { maxLength: 4 }) })
      .map(({ rounds: { from, to }, data, ...rest }) => ({
        type: 'acceptance' as const,
        ...rest,
        from,
        to,
        data: data.slice(0, Math.min(4, to - from + 1)),
      })),
    rejection: fc.record({ type: type('rejection'), number, incarnation, round, data: bytes }),
    commit: fc
      .record({ number, run: runOf(fc.uint8Array({ maxLength: 255 }).map((array) => new Uint8Array(array))) })
      .map(({ number, run }) => ({ type: 'commit' as const, number, from: run.from, ids: run.items })),
    entries: fc.record({ type: type('entries'), entries: proposals, committed }),
    fetch: rounds.map(({ from, to }) => ({ type: 'fetch' as const, from, to })),
    progress: fc.record(
      {
        type: type('progress'),
        committed,
        retained: round,
        reply: fc.boolean(),
        seen: fc.record({ incarnation, number }),
      },
      { requiredKeys: ['type', 'committed', 'retained', 'reply'] },
    ),
    inquire: fc.record({ type: type('inquire'), number, round }),
    meet: fc.record({ type: type('meet'), incarnation, incarnations, bound: fc.boolean() }),
    founded: fc.record({ type: type('founded'), founding, incarnation: optionalIncarnation, committed }),
    rejoin: fc.record({ type: type('rejoin'), node, incarnation, replaces: optionalIncarnation, attempt: round }),
    channel: fc.record({ type: type('channel'), channel: fc.string({ maxLength: 60 }), bytes }),
  };

export const message: fc.Arbitrary<Message> = fc.oneof(...Object.values(messages));
