import { bytesOf, expect, seedOf, until } from './expect.ts';
import { keptBytesMax, sendMuch } from './send-much.ts';
import { has, type Member, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';
import type { RemoteNode } from './transport-fixture.ts';

const mebibyte = 1024 * 1024;

async function startRemote(bed: TestBed, home: Member): Promise<RemoteNode> {
  const remote = await bed.fixture.remote?.('r', home.info);
  expect(remote !== undefined, 'the fixture has remote nodes');
  await reachBack(home, remote, 1);
  return remote;
}

/** Resolves when a frame has gone to the remote node and come back. */
async function reachBack(home: Member, remote: RemoteNode, seed: number): Promise<void> {
  await until(
    () => home.frames.some((frame) => seedOf(frame) === seed),
    () => 'a frame goes to another process and comes back',
    () => home.transport.send([remote.info], bytesOf(200, seed)),
  );
}

async function suspended(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const remote = await startRemote(bed, a);
  remote.pause();
  const grown = await sendMuch(bed, a, [remote], async (seed) => {
    const send = () => a.transport.send([remote.info, b.info], bytesOf(100, seed));
    await until(
      () => has(b, seed),
      () => 'others are served while a peer does not read',
      send,
    );
  });
  expect(
    grown < keptBytesMax,
    `200 MiB sent to a peer that does not read are not kept; ${Math.round(grown / mebibyte)} MiB more are in use`,
  );
  remote.resume();
  await reachBack(a, remote, 1_000);
  await bed.reach(a, b);
}

async function killed(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let remote = await startRemote(bed, a);
  for (let life = 1; life <= 2; life += 1) {
    await remote.kill();
    for (let seed = 1; seed <= 1_000; seed += 1) a.transport.send([remote.info, b.info], bytesOf(200, seed));
    await bed.reach(a, b);
    a.frames.length = 0;
    remote = await startRemote(bed, a);
  }
}

/** Peers in processes of their own. */
export const remoteCases: CaseTable = [
  [
    'a peer that stops reading takes bounded memory, others are served, and it is reached again (H58, H59)',
    suspended,
    ['remote', 'memory'],
  ],
  ['frames flow again after the process of a peer is killed and started again', killed, ['remote']],
];
