// Goal: a running cluster changes its bus node by node, and nothing acknowledged is lost on the way. Method: as the guide says, each
// node is stopped with SIGTERM and started on the same disk with the other address, while a load goes on.
import test from 'ava';
import { dataFolder } from '../demo-run.ts';
import { brokers } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

test.serial(
  'a running cluster goes from ZeroMQ to NATS, to Redis, and back, node by node, on the same disks',
  async (t) => {
    const zmq = `zmq+ipc://${dataFolder(t)}`;
    const [nats, redis] = [await brokers.NATS.start(t), await brokers.Redis.start(t)];
    const cluster = await FaultCluster.start(t, [zmq]);
    for (const [name, bus] of [
      ['NATS', nats.url],
      ['Redis', redis.url],
      ['ZeroMQ', zmq],
    ] as const) {
      for (const node of cluster.nodes) {
        const from = performance.now();
        t.is(await node.stop(), 0);
        await node.start(bus);
        const startedMs = Math.round(performance.now() - from);
        await cluster.goesOn(`${node.id} is on ${name} (started again in ${startedMs} ms)`);
      }
    }
    await cluster.proves();
  },
);

test.serial('while no majority shares a bus nothing is acknowledged, and once one does appends go on', async (t) => {
  const zmq = `zmq+ipc://${dataFolder(t)}`;
  const [nats, redis] = [await brokers.NATS.start(t), await brokers.Redis.start(t)];
  const cluster = await FaultCluster.start(t, [zmq]);
  const [first, second] = cluster.nodes;
  await first.stop();
  await first.start(nats.url);
  await cluster.goesOn('two of three share a bus');
  await second.stop();
  await second.start(redis.url);
  // What is sent now can never be acknowledged, however long anybody waits.
  await t.throwsAsync(cluster.load.progress({ count: 1, msMax: 4_500 }), { message: /^0 of 1 new ones/ });
  await second.stop();
  await second.start(nats.url);
  await cluster.goesOn('two of three share a bus again');
  await cluster.nodes[2].stop();
  await cluster.nodes[2].start(nats.url);
  await cluster.proves();
});
