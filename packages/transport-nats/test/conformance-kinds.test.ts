import { rm } from 'node:fs/promises';
import { type TransportCapability, transportCases } from '@paxakos/conformance/transport';
import { type Certificates, certificates } from '@paxakos/servers';
import test from 'ava';
import { connect as connectNats, type NatsConnection } from 'nats';
import { type NatsFixtureOptions, NatsFixtures, natsCapabilities } from './nats-fixture.ts';

let certs: Certificates;

test.before(async () => {
  certs = await certificates();
});

test.after.always(() => rm(certs.folder, { recursive: true, force: true }));

const contract = natsCapabilities.filter((name) => !['memory', 'reportsBusLoss', 'pausesBus', 'remote'].includes(name));

/** Connections of the older client that the test opens, and closes. */
function ofOlderClient(): NatsFixtureOptions {
  const connections: NatsConnection[] = [];
  return {
    async options({ url }) {
      const connection = await connectNats({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
      connections.push(connection);
      return { connection };
    },
    async dispose() {
      for (const connection of connections) await connection.close();
    },
  };
}

interface Kind {
  readonly config?: () => string;
  readonly settings?: () => NatsFixtureOptions;
  readonly capabilities?: readonly TransportCapability[];
}

const kinds: Record<string, Kind> = {
  'a connection of the older client': {
    settings: ofOlderClient,
    capabilities: contract.filter((name) => name !== 'resources'),
  },
  'frames of 16 MiB': { config: () => 'max_payload: 32MB\nmax_pending: 128MB' },
  'messages of 4 KiB': { config: () => 'max_payload: 4KB' },
  'TLS and a password': {
    config: () =>
      `tls { cert_file: "${certs.certificateFile}", key_file: "${certs.keyFile}" }\nauthorization { user: u, password: p }`,
    settings: () => ({
      options: ({ url }) => ({ servers: url, user: 'u', pass: 'p', tls: { caFile: certs.certificateFile } }),
    }),
  },
};

for (const [name, { config, settings, capabilities = contract }] of Object.entries(kinds)) {
  const fixtures = new NatsFixtures(config);
  test.after.always(`${name}: the server ends`, () => fixtures[Symbol.asyncDispose]());
  for (const each of transportCases(() => fixtures.create(settings?.()), capabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
