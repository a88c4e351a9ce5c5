// A node in a process of its own, that sends each frame of at most 1,000 bytes back to one other node.
//
//   node echo-node.js SELF HOME      both as JSON
import type { NodeInfo } from '@paxakos/core/contracts';
import { zmqTransport } from '../src/index.ts';

const [, , self = '', home = ''] = process.argv;
const receivers = [JSON.parse(home) as NodeInfo];
const transport = zmqTransport();
await transport.open(
  JSON.parse(self) as NodeInfo,
  (frame) => {
    if (frame.byteLength <= 1_000) transport.send(receivers, Uint8Array.from(frame));
  },
  'main',
);
process.send?.('open');
process.on('disconnect', () => process.exit());
