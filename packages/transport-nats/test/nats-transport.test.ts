// Goal: what goes over the wire is what the README says, and nothing else that comes over it does harm.
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, natsServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { openNode, reach, until } from './open-node.ts';

let server: NatsServer;

test.before(async () => {
  server = await natsServer();
});

test.after.always(() => server?.[Symbol.asyncDispose]());

/** A client that hears all messages below a prefix, as `subject: bytes`. */
async function bystander(t: ExecutionContext, prefix: string) {
  const connection: NatsConnection = await connect({ servers: server.url });
  t.teardown(() => connection.close());
  const heard: string[] = [];
  connection.subscribe(`${prefix}.>`, {
    callback: (_, { subject, data }) => void heard.push(`${subject}: ${Buffer.from(data).toString('latin1')}`),
  });
  await connection.flush();
  return { connection, heard };
}

test('a frame to several is one message with the list before it, a frame to one is bare, whoever the list names', async (t) => {
  const options = { servers: server.url, prefix: 'wire.one' };
  const a = await openNode(t, 'a', options, 'or ders');
  const b = await openNode(t, 'b.ö', options, 'or ders');
  const c = await openNode(t, 'c', options, 'or ders');
  const { heard } = await bystander(t, 'wire');
  a.send([a, b, c, b], 'all');
  a.send([b], 'one');
  a.send([a, c], 'also one');
  a.send([a], 'none');
  await until(t, 'all arrive', () => b.frames.length === 2 && c.frames.length === 2 && heard.length === 3);
  t.deepEqual(b.frames, ['all', 'one']);
  t.deepEqual([...c.frames].sort(), ['all', 'also one']);
  t.deepEqual(a.frames, []);
  t.deepEqual([...heard].sort(), [
    'wire.one.or=20ders.all: \x01\x02\x04b.\xc3\xb6\x01call',
    'wire.one.or=20ders.node.b=2e=c3=b6: one',
    'wire.one.or=20ders.node.c: also one',
  ]);
});

test('a list of receivers that is too long makes one message for each', async (t) => {
  const options = { servers: server.url, prefix: 'long' };
  const a = await openNode(t, 'a', options);
  const ids = Array.from({ length: 5 }, (_, index) => String(index).repeat(255));
  const nodes = await Promise.all(ids.map((id) => openNode(t, id, options)));
  const { heard } = await bystander(t, 'long');
  a.send(nodes, 'x'.repeat(a.transport.frameBytesMax));
  a.send(nodes.slice(0, 3), 'x'.repeat(a.transport.frameBytesMax));
  await until(
    t,
    'it arrives at each',
    () => heard.length === 6 && nodes.every(({ frames }, index) => frames.length === (index < 3 ? 2 : 1)),
  );
  t.is(heard.filter((text) => text.startsWith('long.main.node.')).length, 5);
  t.is(heard.filter((text) => text.startsWith('long.main.all:')).length, 1);
});

test('a message that no peer makes is dropped and told of', async (t) => {
  const options = { servers: server.url, prefix: 'foreign' };
  const a = await openNode(t, 'a', options);
  const { connection } = await bystander(t, 'foreign');
  const malformed = [[], [1], [2, 1, 1, 97, 7], [1, 1], [1, 1, 1], [1, 2, 1, 97, 9], [1, 1, 255, 97, 7], [0, 0, 0]];
  for (const bytes of malformed) connection.publish('foreign.main.all', Uint8Array.from(bytes));
  await until(t, 'each is told of', () => a.dropped() === malformed.length);
  t.true(a.troubles.every(({ reason, peer }) => reason === 'a message that no peer makes' && peer === undefined));
  connection.publish('foreign.main.all', Uint8Array.from([1, 0, 7])); // to nobody
  connection.publish('foreign.main.all', Uint8Array.from([1, 1, 1, 98, 7])); // to b
  connection.publish('foreign.main.all', Uint8Array.from([1, 1, 1, 97, 120]));
  await until(t, 'what is meant arrives', () => a.frames.length > 0);
  t.deepEqual(a.frames, ['x']);
  t.is(a.dropped(), malformed.length);
});

test('a receiver that throws costs its frame only', async (t) => {
  const options = { servers: server.url, prefix: 'throws' };
  const a = await openNode(t, 'a', options);
  const b = await openNode(t, 'b', options);
  b.frames.push = () => {
    throw new Error('no room');
  };
  a.send([b], 'x');
  await until(t, 'it is told', () =>
    b.troubles.some(({ reason = '' }) => /the receiver threw: Error: no room/.test(reason)),
  );
  b.frames.push = Array.prototype.push.bind(b.frames);
  await reach(t, a, b);
});

test('drops are told at once, and then added up', async (t) => {
  const a = await openNode(t, 'a', { servers: server.url, prefix: 'sums', frameBytesMax: 10 });
  for (let times = 0; times < 1_000; times += 1) a.send([{ id: 'b' }], 'x'.repeat(11));
  t.deepEqual(
    a.troubles.map(({ count }) => count),
    [1],
  );
  await until(t, 'the rest is told', () => a.dropped() === 1_000);
  t.true(a.troubles.length <= 3);
});
