// Goal: an address makes the transport that it says, and a wrong one is refused by name. Method: nodes that send to one another.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { isPaxakosError, type NodeInfo, type Transport } from '@paxakos/core/contracts';
import test, { type ExecutionContext } from 'ava';
import { transportFromUrl } from '../src/index.ts';
import { freePort, temporaryFolder } from './zmq-fixture.ts';

/** Opens one transport for each node and lets each send to each other one. */
async function talk(t: ExecutionContext, nodes: readonly (readonly [NodeInfo, Transport])[]): Promise<void> {
  const missing = new Set<string>();
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const infos = nodes.map(([info]) => info);
  for (const [self, transport] of nodes) {
    t.teardown(() => transport.close());
    for (const { id } of infos) if (id !== self.id) missing.add(`${id} to ${self.id}`);
    await transport.open(
      self,
      (frame) => {
        missing.delete(`${new TextDecoder().decode(frame)} to ${self.id}`);
        if (missing.size === 0) done();
      },
      'main',
    );
  }
  for (const [self, transport] of nodes) transport.send(infos, new TextEncoder().encode(self.id));
  await all;
  t.pass();
}

test('zmq+tcp with one endpoint: it listens there, and finds peers at their addresses', async (t) => {
  const ports = [await freePort(), await freePort()];
  const nodes = ['a', 'b'].map((id, at) => {
    const info = { id, address: `tcp://127.0.0.1:${ports[at]}` };
    return [info, transportFromUrl(`zmq+tcp://0.0.0.0:${ports[at]}`)] as const;
  });
  await talk(t, nodes);
});

test('zmq+tcp with every node: the same address serves each of them, whatever their ids', async (t) => {
  const ids = ['a', 'b@c,d:/%', '[…]'];
  const entries: string[] = [];
  for (const id of ids) entries.push(`${encodeURIComponent(id)}@127.0.0.1:${await freePort()}`);
  await talk(
    t,
    ids.map((id) => [{ id }, transportFromUrl(`zmq+tcp://${entries.join(',')}`)] as const),
  );
});

test('zmq+tcp with every node: a node that is not named is found at its address', async (t) => {
  const [named, other] = [await freePort(), await freePort()];
  const url = `zmq+tcp://a@127.0.0.1:${named}`;
  const b = { id: 'b', address: `tcp://127.0.0.1:${other}` };
  await talk(t, [
    [{ id: 'a' }, transportFromUrl(url)],
    [b, transportFromUrl(url)],
  ]);
});

test('zmq+ipc: each node has a socket in the directory, and no id leads out of it', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const nodes = ['a', '../b'].map((id) => [{ id }, transportFromUrl(`zmq+ipc://${folder}`)] as const);
  await talk(t, nodes);
  t.true(existsSync(`${folder}/a.sock`));
  t.true(existsSync(`${folder}/..%2Fb.sock`));
});

test('a node that the address does not name, and that has no address, does not open', async (t) => {
  const transport = transportFromUrl(`zmq+tcp://a@127.0.0.1:${await freePort()}`);
  const error = await t.throwsAsync(transport.open({ id: 'b' }, () => {}, 'main'));
  t.true(isPaxakosError(error, 'PAXAKOS_INVALID'));
  t.is(error.message, 'address: node is "b": name this node too, as id@host:port');
});

test('an endpoint that is taken, and a directory that is missing or too deep, are named when it opens', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { port } = server.address() as { port: number };
  for (const [url, pattern] of [
    [`zmq+tcp://127.0.0.1:${port}`, new RegExp(`cannot listen at tcp://127.0.0.1:${port}: something listens`)],
    [`zmq+tcp://a@127.0.0.1:${port}`, new RegExp(`cannot listen at tcp://127.0.0.1:${port}: something listens`)],
    ['zmq+ipc:///nonexistent/folder', /cannot listen at ipc:\/\/\/nonexistent\/folder\/a.sock: its folder does not/],
    [
      `zmq+ipc:///${'x'.repeat(120)}`,
      /^address: directory is "\/x+.*: choose a shorter one: the path of a socket has at/,
    ],
  ] as const) {
    await t.throwsAsync(
      transportFromUrl(url).open({ id: 'a' }, () => {}, 'main'),
      { message: pattern },
      url,
    );
  }
});

test('what is no address of ZeroMQ is refused, with what to write', (t) => {
  for (const [url, pattern] of [
    ['zmq://127.0.0.1:7000', /^address is "zmq:.*: write zmq\+tcp:\/\/ip:port .* or zmq\+ipc/],
    ['zmq+udp://127.0.0.1:7000', /^address is /],
    ['zmq+tcp://', /^address is /],
    ['zmq+tcp://127.0.0.1', /^address: host is "127.0.0.1": write host:port/],
    ['zmq+tcp://127.0.0.1:70000', /^address: host is /],
    ['zmq+tcp://::1:7000', /^address: host is .*brackets/],
    ['zmq+tcp://a@127.0.0.1:7000,127.0.0.1:7001', /^address: node is "127.0.0.1:7001"/],
    ['zmq+tcp://127.0.0.1:7000,127.0.0.1:7001', /^address: node is /],
    ['zmq+tcp://a@127.0.0.1:7000,a@127.0.0.1:7001', /^address: node is "a": name each node once/],
    ['zmq+tcp://a@127.0.0.1:*', /^address: host is "127.0.0.1:\*"/],
    ['zmq+tcp://%@127.0.0.1:7000', /^address is "%": write special characters as %XX/],
    ['zmq+ipc://run/app', /^address: directory is "run\/app": write zmq\+ipc:\/\/\/directory/],
  ] as const) {
    const error = t.throws(() => transportFromUrl(url), { message: pattern }, url);
    t.true(isPaxakosError(error, 'PAXAKOS_INVALID'), url);
  }
});
