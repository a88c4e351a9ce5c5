// A node in a process of its own that sends what it gets back to another.
//
//   node echo-process.js OPTIONS ID HOME        the first as JSON
//
// Tells its parent when it is open, and of trouble. Ends with its parent.
import { redisTransport } from '../src/index.ts';

const [, , options = '{}', id = '', home = ''] = process.argv;
const transport = redisTransport(JSON.parse(options));
await transport.open(
  { id },
  (frame) => {
    if (frame.byteLength <= 1_000) transport.send([{ id: home }], Uint8Array.from(frame));
  },
  'main',
);
process.send?.('open');
transport.onTrouble?.((trouble) => process.send?.(trouble));
process.on('disconnect', () => process.exit());
