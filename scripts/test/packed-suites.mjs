// The suites of the packed packages over one bus, from an empty folder:
//
//   node packed-suites.mjs memory|zmq|nats|redis [URL]
//
// Prints how many cases passed, bare and sealed. Ends by itself, if nothing is left open.
import { createServer } from 'node:net';

/** A door of a package that is unpacked in the folder of this copy; in the repository there is none. */
const door = (name) => import(`@paxakos/${name}`);

const { authenticated, newKey } = await door('authenticated');
const { communicatorCases } = await door('conformance/communicator');
const { transportCases, wrapped } = await door('conformance/transport');
const { memoryNetwork } = await door('core/memory');

const [, , bus, url] = process.argv;
const key = newKey();
const ports = new Set();
let fixtures = 0;

async function freePort() {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (!isFree || ports.has(port)) continue;
    ports.add(port);
    return port;
  }
}

/** What makes the nodes of one fixture. */
const makers = {
  memory() {
    const network = memoryNetwork();
    return (id) => ({ info: { id }, transport: network.transport(id) });
  },
  async zmq() {
    const { zmqTransport } = await door('transport-zmq');
    const addresses = new Map();
    return async (id, cluster = 'main') => {
      const name = JSON.stringify([cluster, id]);
      const address = addresses.get(name) ?? `tcp://127.0.0.1:${await freePort()}`;
      addresses.set(name, address);
      return { info: { id, address }, transport: zmqTransport() };
    };
  },
  async nats() {
    const { natsTransport } = await door('transport-nats');
    const prefix = `packed-${fixtures}`;
    return (id) => ({ info: { id }, transport: natsTransport({ servers: url, prefix }) });
  },
  async redis() {
    const { redisTransport } = await door('transport-redis');
    const prefix = `packed-${fixtures}`;
    return (id) => ({ info: { id }, transport: redisTransport({ url, prefix }) });
  },
};

async function bare() {
  fixtures += 1;
  return {
    node: await makers[bus](),
    resources: () => process.getActiveResourcesInfo(),
    async [Symbol.asyncDispose]() {},
  };
}

const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const capabilities = ['ordered', 'multiCluster', 'resources'];

for (const [name, create] of Object.entries({ bare, sealed })) {
  const cases = [...transportCases(create, capabilities), ...communicatorCases(create, capabilities)];
  for (const { title, run } of cases) {
    await run().catch((cause) => {
      throw new Error(`${bus}, ${name}: ${title}`, { cause });
    });
  }
  console.log(`${name}: ${cases.length} cases passed`);
}
