// Goal: a broker that is far away slows nodes down and breaks nothing, and a node that does not read for a while, so that the broker
// cuts it off, is level afterwards. Method: proxies that delay and are narrow; servers that hold little; a node that is suspended.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { brokers, proxies, urlsOf } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

const cutOffMsMax = 60_000;

for (const [name, broker] of Object.entries(brokers)) {
  test(`${name}: the broker is 50 ms away over a narrow line: appends go on, and are as fast as before once it is near`, async (t) => {
    const ways = await proxies(t, (await broker.start(t)).port);
    const cluster = await FaultCluster.start(t, urlsOf(broker, ways));
    const { load } = cluster;
    for (const way of ways) {
      way.delay(50);
      way.narrow(64 * 1_024);
    }
    await cluster.goesOn('far away');
    const farFrom = performance.now();
    await sleep(6_000);
    const [far, farMs, gapMs] = [load.rateSince(farFrom), load.fastestSince(farFrom), load.longestGap(farFrom)];
    for (const way of ways) {
      way.delay(0);
      way.narrow(Number.POSITIVE_INFINITY);
    }
    await cluster.goesOn('near again');
    const nearFrom = performance.now();
    await sleep(3_000);
    const [near, nearMs] = [load.rateSince(nearFrom), load.fastestSince(nearFrom)];
    t.log(`far: ${far} a second in ${farMs} ms at best, none for ${gapMs} ms at most; near: ${near} in ${nearMs} ms`);
    t.true(gapMs < 10_000, `nothing for ${gapMs} ms`);
    // To a follower and back, by way of the broker.
    t.true(farMs >= 200, `${farMs} ms`);
    t.true(nearMs < 100, `${nearMs} ms`);
    await cluster.proves();
  });

  test(`${name}: a node is suspended under load until the broker cuts it off: the others go on, and it is level afterwards`, async (t) => {
    const server = await broker.start(t, { isHarsh: true });
    const cluster = await FaultCluster.start(t, [server.url], { openMax: 64, pauseMs: 0, idLength: 200 });
    const [node] = cluster.followers;
    const from = performance.now();
    node?.pause();
    while (!broker.cutOff.test(server.output) && performance.now() < from + cutOffMsMax) await sleep(20);
    const ms = Math.round(performance.now() - from);
    t.regex(server.output, broker.cutOff, `not cut off within ${ms} ms`);
    t.log(`cut off after ${ms} ms; meanwhile none for ${cluster.load.longestGap(from)} ms at most`);
    await cluster.goesOn('cut off');
    node?.resume();
    await sleep(500);
    if (node !== undefined) cluster.load.aim(node);
    await cluster.goesOn('resumed, and appended at that node');
    await cluster.proves();
  });
}
