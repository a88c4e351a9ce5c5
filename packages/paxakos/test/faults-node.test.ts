// Goal: over every bus, a node that is killed or suspended holds the others up for seconds at most, and is level afterwards. Method:
// the node that leads is killed and started on its disk; then the one that leads is suspended; then all are
// killed at once.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { dataFolder } from './demo-run.ts';
import { brokers } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

for (const name of ['ZeroMQ', 'NATS', 'Redis'] as const) {
  test(`${name}: the node that leads is killed, the next one suspended, all killed: appends go on, and all are level afterwards`, async (t) => {
    const bus = name === 'ZeroMQ' ? `zmq+ipc://${dataFolder(t)}` : (await brokers[name].start(t)).url;
    const cluster = await FaultCluster.start(t, [bus]);
    const first = cluster.leader;
    await first.kill();
    await cluster.goesOn(`${first.id} is killed`);
    await first.start(bus);
    await cluster.goesOn(`${first.id} is back`);
    const second = cluster.leader;
    t.not(second, first);
    second.pause();
    await cluster.goesOn(`${second.id} is suspended`);
    await sleep(3_000);
    t.not(cluster.leader, second);
    second.resume();
    await cluster.goesOn(`${second.id} is resumed`);
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await Promise.all(cluster.nodes.map((node) => node.start(bus)));
    await cluster.goesOn('all were killed, and are back');
    await cluster.proves();
  });
}
