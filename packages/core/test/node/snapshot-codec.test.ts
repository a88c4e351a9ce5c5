// A snapshot comes back as it was, or is refused: a wrong state must never be installed.
import { crc32 } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { encodeUtf8 } from '../../src/communicator/index.ts';
import { decodeSnapshot, encodeSnapshot } from '../../src/node/snapshot-codec.ts';
import type { SnapshotImage } from '../../src/protocol/index.ts';
import {
  bytes,
  committed,
  founding,
  incarnation,
  incarnations,
  node,
  nodeId,
  number,
  proposals,
  round,
} from '../communicator/arbitraries.ts';
import { hello, incarnation as pinnedIncarnation, number as pinnedNumber } from '../communicator/samples.ts';

const image: fc.Arbitrary<SnapshotImage> = fc.record({
  cluster: fc.string({ maxLength: 60 }),
  node: nodeId,
  incarnation,
  round: committed,
  state: bytes,
  founding,
  incarnations,
  final: fc.boolean(),
  reach: committed,
  epochs: fc.array(
    fc.record({
      from: round,
      members: fc.array(node, { maxLength: 3 }),
      incarnations: incarnations.map((pairs) => new Map(pairs)),
    }),
    {
      maxLength: 3,
    },
  ),
  participation: fc.oneof(
    fc.constant({ type: 'passive' as const }),
    fc.constant({ type: 'active' as const }),
    round.map((from) => ({ type: 'partiallyActive' as const, from })),
  ),
  promised: fc.option(number, { nil: undefined }),
  greatest: fc.option(number, { nil: undefined }),
  accepted: proposals,
});

const pinned: SnapshotImage = {
  cluster: 'test',
  node: 'a',
  incarnation: pinnedIncarnation,
  round: 300,
  final: true,
  state: encodeUtf8('{"value":7}'),
  founding: { members: [{ id: 'a' }], incarnations: [['a', pinnedIncarnation]] },
  incarnations: [['a', pinnedIncarnation]],
  reach: Number.MAX_SAFE_INTEGER - 1,
  epochs: [{ from: 301, members: [{ id: 'a', address: 'x' }], incarnations: new Map([['a', pinnedIncarnation]]) }],
  participation: { type: 'partiallyActive', from: 310 },
  promised: pinnedNumber,
  greatest: undefined,
  accepted: [{ round: 301, number: pinnedNumber, entry: hello }],
};

const pinnedHex =
  '50585397010474657374016100112233445566778899aabbccddeeffac02010101610001016100112233445566778899aabbccddeeff01016100112233445566778899aabbccddeefffeffffffffffff0f01ad0201016101017801016100112233445566778899aabbccddeeff02b60201ac02016100112233445566778899aabbccddeeff0001ac02016100112233445566778899aabbccddeeffad02010c01000469642d3168656c6c6f0b7b2276616c7565223a377d45db6ac4';

test('a snapshot comes back as it was', (t) => {
  fc.assert(fc.property(image, (image) => t.deepEqual(decodeSnapshot(encodeSnapshot(image)), image)));
});

test('H41: the bytes of a snapshot never change', (t) => {
  t.is(Buffer.from(encodeSnapshot(pinned)).toString('hex'), pinnedHex);
  t.deepEqual(decodeSnapshot(new Uint8Array(Buffer.from(pinnedHex, 'hex'))), pinned);
});

test('a snapshot that is cut short or has a wrong bit anywhere is refused', (t) => {
  const bytes = encodeSnapshot(pinned);
  const isRefused = { code: 'PAXAKOS_SNAPSHOT' };
  for (let length = 0; length < bytes.length; length++)
    t.throws(() => decodeSnapshot(bytes.slice(0, length)), isRefused);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    t.throws(() => decodeSnapshot(flipped), isRefused);
  }
  t.throws(() => decodeSnapshot(Uint8Array.of(...bytes, 0)), isRefused);
});

test('H41: a snapshot of another version says so, rather than being misread', (t) => {
  const bytes = encodeSnapshot(pinned);
  bytes[4] = 2;
  t.throws(() => decodeSnapshot(bytes), { code: 'PAXAKOS_SNAPSHOT', message: /version 2.*reads 1/ });
});

test('a snapshot that is malformed behind a right checksum is refused', (t) => {
  const bytes = encodeSnapshot({ ...pinned, participation: { type: 'active' } });
  const { length } = bytes;
  fc.assert(
    fc.property(fc.nat({ max: length - 10 }), fc.integer({ min: 1, max: 255 }), (at, bits) => {
      const changed = bytes.slice();
      changed[5 + at] = (changed[5 + at] as number) ^ bits;
      sealAgain(changed);
      try {
        decodeSnapshot(changed);
      } catch (error) {
        return (error as { code?: string }).code === 'PAXAKOS_SNAPSHOT';
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a large state does not need its bytes to be copied when it is read', (t) => {
  const bytes = encodeSnapshot({ ...pinned, state: new Uint8Array(3_000_000).fill(7) });
  const { state } = decodeSnapshot(bytes);
  t.is(state.length, 3_000_000);
  t.is(state.buffer, bytes.buffer);
});

function sealAgain(bytes: Uint8Array): void {
  const end = bytes.length - 4;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, crc32(bytes.subarray(0, end)), true);
}
