// Goal: the demonstration does its whole job over any bus that one setting names, also if the server goes away meanwhile; and what the
// server refuses is said in one line. Method: real processes, and real servers.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { certificates, freePort, natsServer, redisServer, TcpProxy } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { appended, DemoRun, dataFolder, killHard, processesOf, refusal } from '../demo-run.ts';

const sound = { lost: 0, appliedTwice: 0, altered: 0, equal: true, kills: 1 };

/** Runs the whole job, with the bus as an option, or else in the environment. */
async function job(t: ExecutionContext, { data = dataFolder(t), bus = '', operations = 2_000, env = {} }) {
  const option = bus === '' ? [] : ['--bus', bus];
  const run = new DemoRun(t, ['demo', '--once', '--data', data, '--operations', `${operations}`, ...option], { env });
  t.is(await run.ended(), 0, run.err);
  t.like(run.result, { ...sound, acknowledged: operations });
  return run;
}

for (const [name, start] of [
  ['NATS', natsServer],
  ['Redis', redisServer],
] as const) {
  test.serial(`the whole job is done over ${name}, and again over the default bus on the same disks`, async (t) => {
    const server = await start();
    t.teardown(() => server[Symbol.asyncDispose]());
    const data = dataFolder(t);
    await job(t, { data, bus: server.url });
    // The option wins over the environment.
    await job(t, { data, bus: server.url, env: { PAXAKOS_BUS: 'nonsense' } });
    const { result } = await job(t, { data });
    t.is(result.acknowledgedBefore, 4_000);
  });

  test.serial(`two demonstrations on one ${name} server do not meet, and need no option`, async (t) => {
    const server = await start();
    t.teardown(() => server[Symbol.asyncDispose]());
    const env = { PAXAKOS_BUS: server.url };
    await Promise.all([job(t, { env }), job(t, { env })]);
  });

  test.serial(`${name}: a server that nobody can reach is named, with the remedy`, async (t) => {
    const port = await freePort();
    const bus = `${name.toLowerCase()}://me:secret@127.0.0.1:${port}`;
    const said = await refusal(t, 1, ['--bus', bus]);
    t.regex(said, new RegExp(`: --bus cannot be used: .*127\\.0\\.0\\.1:${port}.*start it`));
  });

  test.serial(`${name}: while the server is gone that is shown; when it is back the job goes on`, async (t) => {
    const server = await start();
    t.teardown(() => server[Symbol.asyncDispose]());
    const run = new DemoRun(t, ['demo', '--data', dataFolder(t), '--operations', '500'], {
      env: { PAXAKOS_BUS: server.url },
    });
    const [, url] = await run.says(/curl --data '.*' (http:\S+)\/append/);
    await server.kill();
    await run.says(/n1: the bus is gone: [\s\S]*/);
    killHard(run.pids[1]);
    await run.says(/n2 ended: SIGKILL[\s\S]*n2: .*; it tries again/);
    await server.start();
    await run.says(/n1: the bus is back[\s\S]*n2 is up again/);
    await appended(t, url);
    run.process.kill('SIGINT');
    t.is(await run.ended(), 0);
  });
}

test.serial('NATS: a password that is wrong is said to be, and no password stands in a command line', async (t) => {
  const server = await natsServer({ config: 'authorization { user: me, password: right-secret }' });
  t.teardown(() => server[Symbol.asyncDispose]());
  const at = (password: string) => `nats://me:${password}@127.0.0.1:${server.port}`;
  t.regex(
    await refusal(t, 1, ['--bus', at('wrong-secret')]),
    /--bus cannot be used: .* refused the credentials: correct/,
  );
  t.regex(await refusal(t, 1, [], { PAXAKOS_BUS: at('wrong-secret') }), /: PAXAKOS_BUS cannot be used: .* credentials/);
  const data = dataFolder(t);
  const run = new DemoRun(t, ['demo', '--data', data, '--operations', '10'], {
    env: { PAXAKOS_BUS: at('right-secret') },
  });
  await run.says(/n3 serves/);
  t.is(processesOf(data).length, 4);
  t.deepEqual(processesOf('right-secret'), []);
  await run.says(/the nodes stay up/);
  t.notRegex(run.err + run.out, /secret/);
});

test.serial('NATS: a certificate that is not known is said to be, and one that is named is taken', async (t) => {
  const files = await certificates();
  t.teardown(() => rmSync(files.folder, { recursive: true }));
  const config = `tls { cert_file: "${files.certificateFile}", key_file: "${files.keyFile}" }`;
  const server = await natsServer({ config });
  t.teardown(() => server[Symbol.asyncDispose]());
  const bus = `nats+tls://127.0.0.1:${server.port}`;
  t.regex(await refusal(t, 1, ['--bus', bus]), /: --bus cannot be used: no trusted TLS connection .*authority/);
  t.regex(await refusal(t, 1, ['--bus', `${bus}?ca=/nonexistent.pem`]), /--bus cannot be used: .*nonexistent\.pem/);
  await job(t, { bus: `${bus}?ca=${encodeURIComponent(files.certificateFile)}`, operations: 100 });
});

test.serial('the whole job is done over ZeroMQ with TCP, by an address that is the same for all nodes', async (t) => {
  const ports = [await freePort(), await freePort(), await freePort()];
  await job(t, { bus: `zmq+tcp://${ports.map((port, at) => `n${at + 1}@127.0.0.1:${port}`).join()}` });
});

test.serial(
  'a node started by hand takes the bus from the same setting, and changes it on the same disks',
  async (t) => {
    const server = await natsServer();
    t.teardown(() => server[Symbol.asyncDispose]());
    const data = dataFolder(t);
    await job(t, { data });
    const env = { PAXAKOS_BUS: server.url };
    const nodes = ['n1', 'n2'].map((id) => new DemoRun(t, ['node', '--id', id, '--data', data], { env }));
    const urls = await Promise.all(nodes.map((node) => node.says(/node n\d serves (\S+)/)));
    await appended(t, urls[0]?.[1]);
    for (const node of nodes) node.process.kill('SIGTERM');
    for (const node of nodes) t.is(await node.ended(), 0);
    const wrong = new DemoRun(t, ['node', '--id', 'n1', '--data', data, '--bus', 'memory:'], { env });
    t.is(await wrong.ended(), 2);
    t.regex(wrong.err, /^paxakos node: --bus cannot be used: address is "memory:".*\n$/);
  },
);

test.serial('a node whose connection is cut shows it, and the others go on', async (t) => {
  const server = await natsServer();
  const proxy = await TcpProxy.start(server.port);
  t.teardown(() => server[Symbol.asyncDispose]());
  t.teardown(() => proxy[Symbol.asyncDispose]());
  const data = join(dataFolder(t), 'data');
  const start = (id: string, port: number) =>
    new DemoRun(t, ['node', '--id', id, '--data', data, '--bus', `nats://127.0.0.1:${port}`]);
  const nodes = [start('n1', server.port), start('n2', server.port), start('n3', proxy.port)];
  const urls = await Promise.all(nodes.map((node) => node.says(/node n\d serves (\S+)/)));
  const append = () => appended(t, urls[0]?.[1]);
  await append(); // a cluster is founded once all have met: not before may one be cut off
  proxy.cut();
  await nodes[2]?.says(/the bus is gone: /);
  await append();
  proxy.mend();
  await nodes[2]?.says(/the bus is back/);
});
