// Goal: what works with Node's queueMicrotask works with a browser's, which refuses to be called as a method.
import test from 'ava';
import { overTransport } from '../../src/communicator/index.ts';
import type { CommunicatorTrouble, Message } from '../../src/contracts/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { a, b, turn } from './fixture.ts';
import { samples } from './samples.ts';

test('frames leave and arrive by the microtasks of a browser', async (t) => {
  const original = globalThis.queueMicrotask;
  globalThis.queueMicrotask = function strict(this: unknown, callback) {
    if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation');
    original(callback);
  };
  t.teardown(() => {
    globalThis.queueMicrotask = original;
  });
  const network = memoryNetwork({ frameBytesMax: 1_000, queuedFramesMax: 1 });
  const received: Message[] = [];
  const sender = overTransport(network.transport('a'), { cluster: 'test' });
  const receiver = overTransport(network.transport('b'), { cluster: 'test' });
  const troubles: CommunicatorTrouble[] = [];
  sender.onTrouble((trouble) => troubles.push(trouble));
  await sender.open(a, () => {});
  await receiver.open(b, (_sender, message) => received.push(message));
  sender.send([b], samples.prepare);
  await turn();
  network.pause('b');
  for (let frame = 0; frame < 2; frame++) {
    sender.send([b], samples.commit);
    await turn();
  }
  network.resume('b');
  await turn();
  t.deepEqual(
    troubles.map(({ type, peer, count }) => [type, peer, count]),
    [['dropped', 'b', 1]],
  );
  t.deepEqual(received, [samples.prepare, samples.commit]);
});
