// Goal: over every bus, the others go on without a node that is killed or suspended, and it is level afterwards. Method: the node that
// leads is killed and started on its disk; the node that led after it is suspended; then all are killed at once.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { dataFolder } from '../demo-run.ts';
import { brokers } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

for (const name of ['ZeroMQ', 'NATS', 'Redis'] as const) {
  test.serial(
    `${name}: the node that leads is killed, the next one suspended, all killed: appends go on, and all are level afterwards`,
    async (t) => {
      const bus = name === 'ZeroMQ' ? `zmq+ipc://${dataFolder(t)}` : (await brokers[name].start(t)).url;
      const cluster = await FaultCluster.start(t, [bus]);
      const first = await cluster.leader();
      await first.kill();
      await cluster.goesOn(`${first.id} is killed`);
      const second = await cluster.leader();
      t.not(second, first);
      await first.start(bus);
      await cluster.goesOn(`${first.id} is back`);
      second.pause();
      await cluster.goesOn(`${second.id} is suspended`);
      const from = performance.now();
      await sleep(3_000);
      t.false(cluster.load.acknowledgersSince(from).has(second), 'only the others acknowledge');
      second.resume();
      await cluster.goesOn(`${second.id} is resumed`);
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await Promise.all(cluster.nodes.map((node) => node.start(bus)));
      await cluster.goesOn('all were killed, and are back');
      await cluster.proves();
    },
  );
}
