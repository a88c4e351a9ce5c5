import { transportCases } from '@paxakos/conformance/transport';
import { type NatsServer, natsServer } from '@paxakos/servers';
import test from 'ava';
import type { NatsTransportOptions } from '../src/index.ts';
import { natsCapabilities, natsFixture } from './nats-fixture.ts';

let plain: NatsServer;
let large: NatsServer;

test.before(async () => {
  [plain, large] = await Promise.all([natsServer(), natsServer({ config: 'max_payload: 32MB\nmax_pending: 128MB' })]);
});

test.after.always(async () => {
  for (const server of [plain, large]) await server?.[Symbol.asyncDispose]();
});

const kinds: Record<string, () => NatsTransportOptions> = {
  'a server as it comes': () => ({ servers: plain.url }),
  'frames of 16 MiB': () => ({ servers: large.url }),
  'frames of 4 KiB': () => ({ servers: plain.url, frameBytesMax: 4_096 }),
};

for (const [name, options] of Object.entries(kinds)) {
  for (const each of transportCases(() => natsFixture(options), natsCapabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
