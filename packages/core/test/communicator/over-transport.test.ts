import test from 'ava';
import type { Message, NodeInfo } from '../../src/contracts/index.ts';
import { makeEntry, overTransport } from '../../src/communicator/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';

test('smoke', async (t) => {
  const net = memoryNetwork({ frameBytesMax: 1000 });
  const got: [NodeInfo, Message][] = [];
  const a = overTransport(net.transport('a'), { cluster: 'c' });
  const b = overTransport(net.transport('b'), { cluster: 'c' });
  await a.open({ id: 'a' }, () => {});
  await b.open({ id: 'b' }, (s, m) => got.push([s, m]));
  b.onTrouble((x) => t.log(x)); a.onTrouble((x) => t.log(x));
  const number = { counter: 3, node: 'a', memory: '00112233445566778899aabbccddeeff' };
  const small = { type: 'prepare', number, from: 1 } as const;
  const entries = Array.from({ length: 100 }, (_, i) => makeEntry('application', new TextEncoder().encode(`id${i}`), new Uint8Array(100).fill(i)));
  const big = { type: 'propose', number, from: 1, entries } as const;
  a.send([{ id: 'b' }], small);
  a.send([{ id: 'b' }], big);
  a.send([{ id: 'b' }], small);
  await new Promise((r) => setTimeout(r, 20));
  t.deepEqual(got, [[{ id: 'a' }, small], [{ id: 'a' }, big], [{ id: 'a' }, small]]);
});
