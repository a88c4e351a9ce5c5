// Goal: a broker that is far away slows nodes down and breaks nothing, and a node that does not read for a while, so that the broker
// cuts it off, is level afterwards. Method: proxies that delay and are narrow; servers that hold little; a node that is suspended.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { livenessMs } from '../liveness.ts';
import { brokers, proxies, urlsOf } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

/** More than fill every buffer between the broker and a node that does not read. */
const cutOffAppendsMax = 100_000;
const delayMs = 50;
/** To a follower and back, by way of the broker: an append over the delayed ways cannot be faster. */
const farMsMin = 4 * delayMs;

for (const [name, broker] of Object.entries(brokers)) {
  test.serial(
    `${name}: the broker is 50 ms away over a narrow line: appends go on, and are as fast as before once it is near`,
    async (t) => {
      const ways = await proxies(t, (await broker.start(t)).port);
      const cluster = await FaultCluster.start(t, urlsOf(broker, ways));
      const { load } = cluster;
      for (const way of ways) {
        way.delay(delayMs);
        way.narrow(64 * 1_024);
      }
      await cluster.goesOn('far away');
      const farFrom = performance.now();
      await sleep(6_000);
      await cluster.goesOn('still far away');
      const [far, farMs, gapMs] = [load.rateSince(farFrom), load.fastestSince(farFrom), load.longestGap(farFrom)];
      for (const way of ways) {
        way.delay(0);
        way.narrow(Number.POSITIVE_INFINITY);
      }
      await cluster.goesOn('near again');
      const nearFrom = performance.now();
      while (load.fastestSince(nearFrom) >= farMsMin && performance.now() < nearFrom + livenessMs) await sleep(20);
      const nearMs = load.fastestSince(nearFrom);
      t.log(`far: ${far} a second in ${farMs} ms at best, none for ${gapMs} ms at most; near: in ${nearMs} ms`);
      t.true(farMs >= farMsMin, `${farMs} ms`);
      t.true(nearMs < farMsMin, `${nearMs} ms`);
      await cluster.proves();
    },
  );

  test.serial(
    `${name}: a node is suspended under load until the broker cuts it off: the others go on, and it is level afterwards`,
    async (t) => {
      const server = await broker.start(t, { isHarsh: true });
      const cluster = await FaultCluster.start(t, [server.url], { openMax: 64, pauseMs: 0, idLength: 200 });
      const node = await cluster.follower();
      const from = performance.now();
      node.pause();
      // The broker cuts it off after so many bytes, not after a time.
      while (!broker.cutOff.test(server.output)) {
        await cluster.load.progress();
        t.true(cluster.load.acknowledged.size < cutOffAppendsMax, `not cut off:\n${server.output}`);
      }
      const ms = Math.round(performance.now() - from);
      t.log(
        `cut off after ${ms} ms and ${cluster.load.acknowledged.size} appends; meanwhile none for ${cluster.load.longestGap(from)} ms at most`,
      );
      await cluster.goesOn('cut off');
      node.resume();
      await cluster.goesOn('resumed, and appended at that node', node);
      await cluster.proves();
    },
  );
}
