// Goal: under every fault a node that may vote knows within two intervals that it is cut off. Method: simulated clusters; each node
// is looked at all the time, by its own clock.
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { heartbeats } from '../src/index.ts';

const intervalMs = 300;
const lookEveryMs = 20;

test('under every fault a node that has heard nothing for two intervals says that it is cut off, and only then', async (t) => {
  const seen = { cutOff: 0, inTouch: 0 };
  const { failures } = await campaign({
    // Seed 708: a leader that is overthrown in the middle of a heartbeat. (In 718 a leader's own voter is against its heartbeats.)
    from: 705,
    seeds: 10,
    requires: [],
    decorate: (builder) => builder.with(heartbeats({ intervalMs, leaderIntervalMs: 100 })),
    drive(node, { clock, complain, id, signal }) {
      let lookedAt = clock.now();
      let since = lookedAt;
      node.heartbeats.onChange((isCutOff) => {
        if (isCutOff && clock.now() - (node.heartbeats.lastAliveAt ?? 0) < intervalMs - 1)
          complain(`${id} says so ${clock.now() - (node.heartbeats.lastAliveAt ?? 0)} ms after a sign of life`);
      });
      const look = (): void => {
        if (signal.aborted) return;
        const now = clock.now();
        const { isCutOff, lastAliveAt = 0 } = node.heartbeats;
        const mayVote =
          node.participation.type !== 'passive' &&
          node.status !== 'disoriented' &&
          node.status !== 'failed' &&
          node.cluster.some((member) => member.id === id);
        // A node that may not vote, or whose disk has failed, notices nothing. If a process stood still, or its clock changed its pace, its
        // timers are off once.
        if (!mayVote) since = Math.max(since, now);
        if (now - lookedAt > lookEveryMs * 1.5) since = now + intervalMs * 2;
        lookedAt = now;
        const silentMs = now - Math.max(lastAliveAt, since);
        if (isCutOff) seen.cutOff += 1;
        else seen.inTouch += 1;
        if (!isCutOff && silentMs > intervalMs * 2 + lookEveryMs)
          complain(`${id} has heard nothing for ${silentMs} ms, and is not aware of it`);
        clock.after(lookEveryMs, look);
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => ({ seed, violation })),
    [],
  );
  t.true(seen.cutOff > 100 && seen.inTouch > 1_000, JSON.stringify(seen));
});
