// Goal: the samples of the READMEs do what these say. Method: each runs as a program of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { natsServer, redisServer } from '@paxakos/servers';
import test from 'ava';
import { transportFromUrl } from '../src/udp-transport.ts';

const run = async (name: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> => {
  const path = fileURLToPath(new URL(`../src/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], {
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return stdout.trim().split('\n');
};

test('a node in memory appends, says what an error means, and reads', async (t) => {
  const lines = await run('in-memory');
  t.deepEqual([...lines].sort(), [
    'b applied 1 add 2',
    'committed in round 1; the sum is 2',
    'following, and reads 2',
    'may it still be committed? unknown',
    'no majority; unreachable: 2',
  ]);
});

test('nodes with the usual features take appends anywhere, and know who leads', async (t) => {
  t.regex((await run('start-node'))[0] ?? '', /^the sum is 7; [abc] leads$/);
});

test("a decoration of one's own is installed, and can be switched off", async (t) => {
  t.deepEqual(await run('define-decoration'), ['1']);
  await t.throwsAsync(run('define-decoration', { PAXAKOS_FLAGS: 'appendStats=off' }), {
    message: /PAXAKOS_DECORATION_DISABLED/,
  });
});

test('keys are made and taken', async (t) => {
  const { transport } = (await import('../src/zmq-curve.js')) as { transport: { frameBytesMax: number } };
  t.is(transport.frameBytesMax, 16 * 1024 * 1024);
});

test('a transport is sealed with a key, or with several while it is changed', async (t) => {
  const { transport, changing } = (await import('../src/authenticated.js')) as Record<
    string,
    { frameBytesMax: number }
  >;
  t.is(transport?.frameBytesMax, 1024 * 1024 - 108);
  t.is(changing?.frameBytesMax, 1024 * 1024 - 108);
});

test('a transport over NATS is made', async (t) => {
  const { transport } = (await import('../src/nats.js')) as { transport: { frameBytesMax: number } };
  t.is(transport.frameBytesMax, 1_048_576 - 1_024);
});

test('a transport over Redis is made', async (t) => {
  const { transport } = (await import('../src/redis.js')) as { transport: { frameBytesMax: number } };
  t.is(transport.frameBytesMax, 64 * 1024);
});

test('a program takes its bus from a setting, and no other line changes', async (t) => {
  await using nats = await natsServer();
  await using redis = await redisServer();
  for (const bus of ['memory:', nats.url, redis.url]) {
    t.deepEqual(await run('any-bus', { PAXAKOS_BUS: bus }), ['the sum is 2'], bus);
  }
});

test('the transport of the guide is made from an address, and refuses one that it would not heed', (t) => {
  t.is(transportFromUrl('udp:').frameBytesMax, 1_400);
  t.throws(() => transportFromUrl('udp://user:secret@127.0.0.1:7000'), {
    code: 'PAXAKOS_INVALID',
    message: /^(?!.*secret)address .*udp: alone/,
  });
});
