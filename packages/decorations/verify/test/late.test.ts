// Goal: what is said late of a check point does not undo what a majority said of a later one. Method: peers that say what they like.
import type { DecorationHost } from '@paxakos/core';
import test from 'ava';
import { decodeMessage, encodeMessage, type Message } from '../src/message.ts';
import { TestCluster } from './test-cluster.ts';

test('a state that was confirmed is not given up for a check point before that', async (t) => {
  const hosts: DecorationHost[] = [];
  const fake = (host: DecorationHost): void => {
    hosts.push(host);
  };
  const cluster = new TestCluster({ verify: { everyRounds: 10, intervalMs: Number.POSITIVE_INFINITY } });
  await Promise.all([cluster.start('a'), cluster.start('b', { fake }), cluster.start('c', { fake })]);
  const [b, c] = hosts.map((host) => host.channel('digests'));
  const say = (from: typeof b, message: Message): void => from?.send([{ id: 'a' }], encodeMessage(message));
  const wrong: Message = { type: 'digest', round: 10, digest: 'ffffffffffffffff', asks: false };
  b?.onMessage((_, bytes) => {
    const message = decodeMessage(new Uint8Array(bytes));
    say(b, message.type === 'digest' && message.round === 20 ? { ...message, asks: false } : wrong);
  });
  await cluster.appendTo('a', 20);
  await cluster.clock.until(() => cluster.node('a').verify.lastConfirmed === 20);
  say(c, wrong);
  await cluster.clock.pass(100);
  t.deepEqual(cluster.events('a', 'eject'), []);
  t.is(cluster.node('a').verify.lastConfirmed, 20);
  await cluster.stopAll();
});
