// Which packages are tested at the same time. The tests of some compute, those of others wait for servers, processes and time-outs:
// one of each kind leaves both kinds the processor that they need. `openLanes` gives the turns, `takeTurn` asks for one.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';

/** Begun first, so that none of them is left over at the end. What is not here comes after; the order costs nothing but time. */
const longestFirst = [
  'paxakos',
  '@paxakos/simulator',
  '@paxakos/transport-redis',
  '@paxakos/transport-nats',
  '@paxakos/storage-fs',
  '@paxakos/scripts',
  '@paxakos/conformance',
  '@paxakos/core',
  '@paxakos/transport-zmq',
];

/** Of those that ask, the one whose turn is next: one of the kind of which fewer run, and of these the one that takes longest. */
export function nextOf(asking, running) {
  const rank = ({ name }) => (longestFirst.includes(name) ? longestFirst.indexOf(name) : longestFirst.length);
  const alike = ({ waits }) => running.filter((each) => each.waits === waits).length;
  return asking.toSorted((a, b) => alike(a) - alike(b) || rank(a) - rank(b))[0];
}

/** Gives turns, as many at a time as there are processors; the first ones once nobody has asked for `settleMs`. */
export async function openLanes({ places = availableParallelism(), settleMs = 2_000 } = {}) {
  const [sockets, asking, running] = [new Set(), new Set(), new Set()];
  let timer;
  const admit = () => {
    while (running.size < places && asking.size > 0) {
      const turn = nextOf([...asking], [...running]);
      asking.delete(turn);
      running.add(turn);
      const isAlone = running.size + asking.size === 1;
      turn.socket.write(`${JSON.stringify({ isAlone })}\n`);
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', (data) => {
      const turn = { ...JSON.parse(data), socket };
      asking.add(turn);
      clearTimeout(timer);
      timer = setTimeout(admit, settleMs);
      socket.once('close', () => {
        asking.delete(turn);
        if (running.delete(turn)) admit();
      });
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: server.address().port,
    close() {
      clearTimeout(timer);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Resolves to the turn, which lasts as long as this process or `end` is called; at once where nobody listens at such a port. */
export async function takeTurn(port, { name, waits }) {
  if (!(port > 0)) return { isAlone: true, end() {} };
  const socket = connect(port, '127.0.0.1');
  socket.write(`${JSON.stringify({ name, waits })}\n`);
  const data = await new Promise((resolve, reject) => {
    socket.once('data', resolve).on('error', () => {}); // a close follows
    socket.once('close', () => reject(new Error('the tests were ended before their turn')));
  });
  socket.unref();
  return { ...JSON.parse(data), end: () => socket.destroy() };
}
