// Goal: whatever becomes of the broker, nothing acknowledged is lost, nothing applied twice, and appends go on by themselves once
// it is back. Method: three node processes and a load over a real server that is killed, started again, and suspended.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { brokers } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';
import { noBroker } from './fault-node.ts';

for (const [name, broker] of Object.entries(brokers)) {
  test.serial(
    `${name}: the broker is killed under load, and once more as it is back: appends go on by themselves`,
    async (t) => {
      const server = await broker.start(t);
      const cluster = await FaultCluster.start(t, [server.url]);
      for (const downMs of [2_000, 500]) {
        await server.kill();
        await sleep(downMs);
        await server.start();
        if (downMs === 2_000) await cluster.goesOn('killed, back after 2 s');
      }
      await cluster.goesOn('killed again, back after 0.5 s');
      await cluster.proves();
    },
  );

  test.serial(`${name}: the broker is suspended for 5 s: appends go on by themselves`, async (t) => {
    const server = await broker.start(t);
    const cluster = await FaultCluster.start(t, [server.url]);
    server.pause();
    await sleep(5_000);
    server.resume();
    await cluster.goesOn('resumed after 5 s');
    await cluster.proves();
  });

  test.serial(
    `${name}: a node that is killed while the broker is down, and started, is there once the broker is`,
    async (t) => {
      const server = await broker.start(t);
      const cluster = await FaultCluster.start(t, [server.url]);
      const node = await cluster.leader();
      await server.kill();
      await node.kill();
      const started = node.startSupervised(server.url);
      started.catch(() => {});
      await sleep(3_000);
      await server.start();
      await cluster.goesOn('back after 3 s');
      await started;
      await cluster.proves();
    },
  );

  test.serial(
    `${name}: a node that finds no broker for long ends with the reason, and comes up when it is started again`,
    async (t) => {
      const server = await broker.start(t);
      const cluster = await FaultCluster.start(t, [server.url]);
      const node = await cluster.follower();
      await server.kill();
      await node.kill();
      await t.throwsAsync(node.start(server.url), { message: noBroker });
      await server.start();
      await cluster.goesOn('back after the node gave up');
      await node.start(server.url);
      await cluster.proves();
    },
  );
}
