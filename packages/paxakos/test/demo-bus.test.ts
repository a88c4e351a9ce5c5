// Goal: a setting of the bus that is wrong is said to be in one line. Method: the program itself. The whole job over each bus is in
// faults/.
import { freePort } from '@paxakos/servers';
import test from 'ava';
import { refusal } from './demo-run.ts';

test.serial('an address that cannot be, or that does not fit the nodes, is refused in one line', async (t) => {
  t.regex(
    await refusal(t, 2, ['--bus', 'nonsense']),
    /--bus cannot be used: address is "nonsense": write where the bus is/,
  );
  t.regex(await refusal(t, 2, [], { PAXAKOS_BUS: 'nonsense' }), /PAXAKOS_BUS cannot be used: address is "nonsense"/);
  t.regex(
    await refusal(t, 2, ['--bus', 'memory:']),
    /address is "memory:": the nodes are processes of their own: give/,
  );
  t.regex(await refusal(t, 2, ['--bus', 'nats://me:secret@host:port']), /--bus cannot be used: address/);
  t.regex(
    await refusal(t, 1, ['--bus', 'foo://me:secret@host']),
    /: the package for foo: addresses is not installed: npm/,
  );
  const port = await freePort();
  t.regex(await refusal(t, 1, ['--bus', `zmq+tcp://n1@127.0.0.1:${port}`]), /node is "n[23]": name this node too/);
});
