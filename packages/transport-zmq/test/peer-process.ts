// A peer in a process of its own, told by messages of its parent what to do.
//
//   node peer-process.js ENDPOINT echo|count|exit [PEER]
//
// Tells the parent `ready`; then echoes frames to the endpoint in their first bytes, or counts them and tells every 50 ms,
// or sends to a peer that doesn't read, closes its transport and must end by itself.
import { zmqTransport } from '../src/index.ts';

const [, , bind = '', mode = 'count', peer = ''] = process.argv;
const transport = zmqTransport({ bind });
let frames = 0;
await transport.open(
  { id: 'peer' },
  (frame) => {
    frames += 1;
    if (mode !== 'echo') return;
    const text = Buffer.from(frame).toString();
    transport.send([{ id: 'parent', address: text.slice(0, text.indexOf(' ')) }], Uint8Array.from(frame));
  },
  'main',
);
process.send?.({ ready: transport.endpoint });
if (mode === 'count') setInterval(() => process.send?.({ frames }), 50);
if (mode === 'exit') {
  const receivers = [
    { id: 'absent', address: 'tcp://127.0.0.1:1' },
    { id: 'deaf', address: peer },
  ];
  for (let times = 0; times < 100; times += 1) {
    transport.send(receivers, new Uint8Array(2 ** 20));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await transport.close();
  process.send?.({ closed: true });
  process.disconnect();
} else {
  process.on('disconnect', () => process.exit());
}
