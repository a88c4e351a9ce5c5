import { bytesOf, expect, seedOf, until } from './expect.ts';
import { type Member, sendUntilHeld, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';

/** Names that mean something to buses, file systems, shells and URLs, or differ little. */
const oddNames: readonly string[] = [
  'a',
  'A',
  'aa',
  'a.a',
  'a.',
  '.',
  '..',
  'a/a',
  'a a',
  ' ',
  '*',
  '>',
  'a.*',
  'a.>',
  '$SYS',
  '#',
  '%61',
  '"',
  "'",
  '\\',
  '{a}',
  '[a]',
  '?',
  'a:a',
  'a,a',
  'a=a',
  '\u{1f600}',
  '\u00e9',
  'e\u0301',
  '\r\n',
  '\0',
  'x'.repeat(255),
  `${'x'.repeat(254)}y`,
];

/** Two names each, of a cluster and of a node in it, that run into the same one where they are only put together. */
const ambiguous: readonly (readonly [cluster: string, id: string])[] = [
  ['m', 'n.o'],
  ['m.n', 'o'],
  ['mn', 'o'],
  ['m', 'no'],
  ['m/n', 'o'],
  ['m', 'n/o'],
  ['m:n', 'o'],
  ['m', 'n:o'],
  ['m-n', 'o'],
  ['m', 'n-o'],
];

/** Each sends each its own seed until it is there; then nobody may hold anything else. */
async function eachItsOwn(bed: TestBed, pairs: readonly (readonly [from: Member, to: Member])[]): Promise<void> {
  const holdsOwn = ([, to]: readonly [Member, Member], index: number) =>
    to.frames.some((frame) => seedOf(frame) === index + 1);
  const lacking = () => pairs.filter((pair, index) => !holdsOwn(pair, index)).map(([, to]) => nameOf(to));
  await until(
    () => lacking().length === 0,
    () => `a frame arrives at each name; none did at ${lacking().join(' ')}`,
    () => {
      for (const [index, [from, to]] of pairs.entries()) {
        if (!holdsOwn([from, to], index)) from.transport.send([to.info], bytesOf(64, index + 1));
      }
    },
  );
  for (const [from, to] of pairs) await bed.reach(from, to);
  await bed.settle(...(pairs[0] as [Member, Member]));
  for (const [index, [, to]] of pairs.entries()) {
    const foreign = to.frames.map(seedOf).find((seed) => seed !== index + 1);
    expect(foreign === undefined, `${nameOf(to)} gets only its own frames, and got one for another name`);
  }
}

const nameOf = ({ info }: Member) => JSON.stringify(info.id.length > 40 ? `${info.id.slice(0, 40)}...` : info.id);

async function oddIds(bed: TestBed): Promise<void> {
  const from = await bed.open('sender');
  const members = await Promise.all(oddNames.map((id) => bed.open(id)));
  await eachItsOwn(
    bed,
    members.map((to) => [from, to] as const),
  );
  // Many receivers at once, of which one is left out.
  const [left, ...others] = members;
  await sendUntilHeld(from, others, bytesOf(80, 1_000));
  if (left !== undefined) await bed.settle(from, left);
  expect(left?.frames.every((frame) => seedOf(frame) !== 1_000) === true, 'a node that is no receiver gets nothing');
}

async function twoClusters(bed: TestBed): Promise<void> {
  const [a1, b1] = await Promise.all([bed.open('a', 'one'), bed.open('b', 'one')]);
  const [a2, b2] = await Promise.all([bed.open('a', 'two'), bed.open('b', 'two')]);
  await bed.meet(a1, b1);
  await bed.meet(a2, b2);
  await eachItsOwn(bed, [
    [a1, b1],
    [a2, b2],
  ]);
  expect(a1.frames.length === 0 && a2.frames.length === 0, 'a frame stays in its cluster');
}

async function manyReceiversStay(bed: TestBed): Promise<void> {
  const [a1, b1, c1] = await Promise.all(['a', 'b', 'c'].map((id) => bed.open(id, 'one')));
  const [a2, b2, c2] = await Promise.all(['a', 'b', 'c'].map((id) => bed.open(id, 'two')));
  if (!(a1 && b1 && c1 && a2 && b2 && c2)) return;
  await sendUntilHeld(a1, [b1, c1], bytesOf(50, 1));
  await sendUntilHeld(a2, [b2, c2], bytesOf(50, 2));
  await bed.settle(a1, b1, c1);
  await bed.settle(a2, b2, c2);
  for (const [members, seed] of [[[b1, c1], 1] as const, [[b2, c2], 2] as const])
    for (const { frames } of members)
      expect(
        frames.every((frame) => seedOf(frame) === seed),
        'a frame for several receivers stays in its cluster',
      );
}

async function oddClusters(bed: TestBed): Promise<void> {
  const pairs = oddNames.map((name) => Promise.all([bed.open('x', name), bed.open('y', name)]));
  await eachItsOwn(bed, await Promise.all(pairs));
}

async function ambiguousNames(bed: TestBed): Promise<void> {
  const pairs = ambiguous.map(([cluster, id], index) =>
    Promise.all([bed.open(`x${index}`, cluster), bed.open(id, cluster)]),
  );
  await eachItsOwn(bed, await Promise.all(pairs));
}

async function restartBeside(bed: TestBed): Promise<void> {
  const [a1, b1] = await Promise.all([bed.open('a', 'one'), bed.open('b', 'one')]);
  const [a2, b2] = await Promise.all([bed.open('a', 'two'), bed.open('b', 'two')]);
  await bed.meet(a1, b1);
  await bed.meet(a2, b2);
  await b1.transport.close();
  await bed.meet(a2, b2);
  await bed.meet(a1, await bed.open('b', 'one'));
  await bed.meet(a2, b2);
}

/** Which frames are whose: by the names of cluster and node alone, whatever those are. */
export const isolationCases: CaseTable = [
  ['a node id may be any text of up to 255 bytes', oddIds],
  ['two clusters on one bus never mix', twoClusters, ['multiCluster']],
  ['two clusters on one bus never mix, where a frame has several receivers', manyReceiversStay, ['multiCluster']],
  ['the name of a cluster may be any text of up to 255 bytes', oddClusters, ['multiCluster']],
  ['names of clusters and nodes are not mistaken for one another', ambiguousNames, ['multiCluster']],
  ['a node that restarts does not disturb its namesake in another cluster', restartBeside, ['multiCluster']],
];
