// Goal: a node whose way to the broker breaks, or swallows everything, holds nobody up: the others go on meanwhile, and it is level
// once its way is mended. Method: a proxy before each node, cut or held, for the node that leads and for one that does not.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { brokers, proxies, urlsOf } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

const downMs = 4_000;

for (const [name, broker] of Object.entries(brokers)) {
  for (const role of ['leader', 'follower'] as const) {
    for (const how of ['cut', 'hold'] as const) {
      const fault = how === 'cut' ? 'is cut off' : 'loses everything in silence';
      test.serial(
        `${name}: the connection of the ${role} ${fault}: the others go on, and it is level once mended`,
        async (t) => {
          const ways = await proxies(t, (await broker.start(t)).port);
          const cluster = await FaultCluster.start(t, urlsOf(broker, ways));
          const node = await cluster[role]();
          const way = ways[cluster.nodes.indexOf(node)];
          way?.[how]();
          const from = performance.now();
          await cluster.goesOn('meanwhile');
          await sleep(Math.max(0, from + downMs - performance.now()));
          t.false(cluster.load.acknowledgersSince(from).has(node), 'only the others acknowledge');
          way?.mend();
          await cluster.goesOn('mended, and appended at the node that was away', node);
          await cluster.proves();
        },
      );
    }
  }

  test.serial(
    `${name}: the connection of the leader is cut every 300 ms for 10 s: nothing breaks, and appends go on`,
    async (t) => {
      const ways = await proxies(t, (await broker.start(t)).port);
      const cluster = await FaultCluster.start(t, urlsOf(broker, ways));
      const from = performance.now();
      while (performance.now() < from + 10_000) {
        const way = ways[cluster.nodes.indexOf((await cluster.seenLeader()) ?? cluster.load.target)];
        way?.cut();
        await sleep(150);
        way?.mend();
        await sleep(150);
      }
      t.log(
        `meanwhile: ${cluster.load.rateSince(from)} a second, none for ${cluster.load.longestGap(from)} ms at most`,
      );
      await cluster.goesOn('mended');
      await cluster.proves();
    },
  );
}
