// A node in a process of its own that sends what it gets back to another.
//
//   node echo-process.js OPTIONS ID HOME        the last two as JSON
//
// Tells its parent when it is open, and of trouble. Ends with its parent.
import type { NodeInfo } from '@paxakos/core/contracts';
import { natsTransport } from '../src/index.ts';

const [, , options = '{}', id = '', home = '{}'] = process.argv;
const transport = natsTransport(JSON.parse(options));
const receivers = [JSON.parse(home) as NodeInfo];
await transport.open(
  { id },
  (frame) => {
    if (frame.byteLength <= 1_000) transport.send(receivers, Uint8Array.from(frame));
  },
  'main',
);
process.send?.('open');
transport.onTrouble?.((trouble) => process.send?.(trouble));
process.on('disconnect', () => process.exit());
