// Goal: a given client's settings are all taken, also where it finds its server by sentinels. Method: a real failover.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, redisServer, ServerProcess } from '@paxakos/servers';
import test from 'ava';
import { Redis } from 'ioredis';
import { openNode, reach, until } from '../open-node.ts';

test('nodes follow the sentinels of a given client to the server that replaces the first', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paxakos-sentinel-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const primary = await redisServer();
  const replica = await redisServer({
    args: ['--replicaof', `127.0.0.1 ${primary.port}`, '--repl-diskless-sync-delay', '0'],
  });
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `monitor main 127.0.0.1 ${primary.port} 1`,
    'down-after-milliseconds main 500',
    'failover-timeout main 5000',
  ];
  await writeFile(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\n${lines.map((line) => `sentinel ${line}\n`).join('')}`,
  );
  const sentinel = new ServerProcess({ command: 'redis-server', args: [file, '--sentinel'], ready: /monitor master/ });
  await sentinel.start();
  for (const server of [primary, replica, sentinel]) t.teardown(() => server[Symbol.asyncDispose]());
  const admin = new Redis(port);
  t.teardown(() => admin.disconnect());
  const replicas = async () => {
    const known: unknown = await admin.call('SENTINEL', 'replicas', 'main');
    return JSON.stringify(known).includes('"master-link-status","ok"');
  };
  let isLinked = false;
  const look = () => {
    void replicas().then((now) => {
      isLinked = now;
    });
  };
  await until(t, 'the sentinel knows the replica', () => isLinked, look);
  const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'main', lazyConnect: true });
  t.teardown(() => client.disconnect());
  const a = await openNode(t, 'a', { client });
  const b = await openNode(t, 'b', { client });
  await reach(t, a, b);
  await primary.kill();
  await until(t, 'the return is told', () =>
    [a, b].every(({ troubles }) => troubles.some(({ type }) => type === 'reconnected')),
  );
  await reach(t, a, b);
  await reach(t, b, a);
});
