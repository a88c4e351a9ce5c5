// Peers in processes of their own, that are killed, stopped and started again.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Pull } from 'zeromq';
import { zmqTransport } from '../../src/index.ts';
import { freePort, livenessMs, memoryBytes, temporaryFolder } from '../zmq-fixture.ts';

const script = fileURLToPath(new URL('../peer-process.js', import.meta.url));
const mebibyte = 1024 * 1024;

interface Told {
  readonly ready?: string;
  readonly frames?: number;
  readonly closed?: boolean;
}

interface Peer {
  readonly process: ChildProcess;
  frames: number;
}

async function startPeer(t: ExecutionContext, endpoint: string, mode: string): Promise<Peer> {
  const child = fork(script, [endpoint, mode]);
  t.teardown(() => child.kill('SIGKILL'));
  const peer: Peer = { process: child, frames: 0 };
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the peer ended early: ${code}`)));
    child.on('message', (told: Told) => {
      peer.frames = told.frames ?? peer.frames;
      if (told.ready !== undefined) resolve();
    });
  });
  return peer;
}

const pause = (timeMs: number) => new Promise((resolve) => setTimeout(resolve, timeMs));

async function until(condition: () => boolean, act?: () => void): Promise<void> {
  const end = Date.now() + livenessMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`it took longer than ${livenessMs} ms`);
    act?.();
    await pause(5);
  }
}

for (const kind of ['tcp', 'ipc']) {
  test.serial(`${kind}: frames flow again after a peer is killed and started again under load`, async (t) => {
    const folder = await temporaryFolder();
    const address = kind === 'tcp' ? `tcp://127.0.0.1:${await freePort()}` : `ipc://${join(folder, 'peer')}`;
    const own = kind === 'tcp' ? 'tcp://127.0.0.1:*' : `ipc://${join(folder, 'parent')}`;
    const transport = zmqTransport({ bind: own });
    t.teardown(() => transport.close());
    let echoes = 0;
    await transport.open(
      { id: 'parent' },
      () => {
        echoes += 1;
      },
      'main',
    );
    const frame = new TextEncoder().encode(`${transport.endpoint} hello`);
    const load = setInterval(() => {
      for (let times = 0; times < 50; times += 1) transport.send([{ id: 'peer', address }], frame);
    }, 5);
    t.teardown(() => clearInterval(load));
    for (let life = 1; life <= 3; life += 1) {
      const { process: child } = await startPeer(t, address, 'echo');
      const before = echoes;
      await until(() => echoes > before + 500);
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    t.pass();
  });
}

test.serial('a peer that is stopped costs bounded memory, and others are served meanwhile (H58, H59)', async (t) => {
  const [stopped, other] = [`tcp://127.0.0.1:${await freePort()}`, `tcp://127.0.0.1:${await freePort()}`];
  const [stuck, live] = [await startPeer(t, stopped, 'count'), await startPeer(t, other, 'count')];
  const transport = zmqTransport({ bind: 'tcp://127.0.0.1:*' });
  t.teardown(() => transport.close());
  let dropped = 0;
  transport.onTrouble?.(({ type, count = 0, peer }) => {
    if (type === 'dropped' && peer === 'stuck') dropped += count;
  });
  await transport.open({ id: 'parent' }, () => {}, 'main');
  const [stuckInfo, liveInfo] = [
    { id: 'stuck', address: stopped },
    { id: 'live', address: other },
  ];
  const small = new Uint8Array(100);
  await until(
    () => stuck.frames > 0 && live.frames > 0,
    () => transport.send([stuckInfo, liveInfo], small),
  );
  stuck.process.kill('SIGSTOP');
  const before = memoryBytes();
  let sentToLive = 0;
  const heldBefore = live.frames;
  for (let sent = 0; sent < 500; sent += 1) {
    transport.send([stuckInfo], new Uint8Array(mebibyte).fill(sent));
    transport.send([liveInfo], small);
    sentToLive += 1;
    if (sent % 10 === 9) await pause(10); // about a second in all: neither side has noticed the other's silence yet
  }
  const grown = memoryBytes() - before;
  t.true(
    grown < 128 * mebibyte,
    `${Math.round(grown / mebibyte)} MiB more in use after 500 MiB for a peer that is stopped`,
  );
  await until(() => dropped > 400); // the last report comes up to 100 ms later
  await until(() => live.frames >= heldBefore + sentToLive * 0.9);
  stuck.process.kill('SIGCONT');
  const heldByStuck = stuck.frames;
  await until(
    () => stuck.frames > heldByStuck + 10,
    () => transport.send([stuckInfo], small),
  );
});

test.serial('a peer that is stopped is reported as disconnected, and as back when it goes on', async (t) => {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const peer = await startPeer(t, address, 'count');
  const transport = zmqTransport({ bind: 'tcp://127.0.0.1:*', heartbeatMs: 100, heartbeatMsMax: 300 });
  t.teardown(() => transport.close());
  const told: string[] = [];
  transport.onTrouble?.(({ type }) => told.push(type));
  await transport.open({ id: 'parent' }, () => {}, 'main');
  const send = () => transport.send([{ id: 'peer', address }], new Uint8Array(10));
  await until(() => peer.frames > 0, send);
  peer.process.kill('SIGSTOP');
  await until(() => told.includes('disconnected'));
  peer.process.kill('SIGCONT');
  await until(() => told.includes('reconnected'));
  t.pass();
});

test.serial('a process that is suspended until its peer gives it up goes on, again and again', async (t) => {
  const folder = await temporaryFolder();
  const address = `ipc://${join(folder, 'peer')}`;
  const peer = await startPeer(t, address, 'count');
  const transport = zmqTransport({ bind: 'tcp://127.0.0.1:*', heartbeatMs: 100, heartbeatMsMax: 300 });
  t.teardown(() => transport.close());
  const told: string[] = [];
  transport.onTrouble?.(({ type }) => told.push(type));
  await transport.open({ id: 'parent' }, () => {}, 'main');
  const send = () => transport.send([{ id: 'peer', address }], new Uint8Array(200));
  for (let times = 0; times < 8; times += 1) {
    const before = peer.frames;
    await until(() => peer.frames > before, send);
    told.length = 0;
    peer.process.kill('SIGSTOP');
    await until(() => told.includes('disconnected'), send);
    peer.process.kill('SIGCONT');
    await until(() => told.includes('reconnected') || peer.process.signalCode !== null, send);
    t.is(peer.process.signalCode, null, `suspended ${times + 1} times`);
  }
});

test.serial('a process ends by itself once its transport is closed, with frames still waiting', async (t) => {
  const deaf = new Pull({ linger: 0, receiveHighWaterMark: 1 });
  t.teardown(() => deaf.close());
  await deaf.bind('tcp://127.0.0.1:*');
  const child = fork(script, ['tcp://127.0.0.1:*', 'exit', deaf.lastEndpoint ?? '']);
  t.teardown(() => child.kill('SIGKILL'));
  let isClosed = false;
  let code: unknown;
  child.on('message', (told: Told) => {
    isClosed ||= told.closed === true;
  });
  child.once('exit', (exitCode) => {
    code = exitCode;
  });
  // With frames that linger for ever, it would never end.
  await until(() => code !== undefined);
  t.is(code, 0);
  t.true(isClosed);
});
