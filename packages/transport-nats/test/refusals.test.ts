// Goal: whatever keeps a node from the bus is told in one clear error that names the setting and the remedy, and no secret.

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { isPaxakosError } from '@paxakos/core/contracts';
import { type Certificates, certificates, type NatsServer, natsServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { type NatsTransportOptions, natsTransport, nkeyAuthenticator } from '../src/index.ts';

let certs: Certificates;
const servers: NatsServer[] = [];

async function serverOf(config: string): Promise<string> {
  const server = await natsServer({ config });
  servers.push(server);
  return server.url;
}

test.before(async () => {
  certs = await certificates();
});

test.after.always(() => rm(certs.folder, { recursive: true, force: true }));

test.afterEach.always(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

/** The one message with which `open` rejects; nothing in it is secret. */
async function refusal(t: ExecutionContext, options: NatsTransportOptions): Promise<string> {
  const transport = natsTransport(options);
  const error = await t.throwsAsync(transport.open({ id: 'a' }, () => {}, 'orders'));
  await transport.close();
  t.true(isPaxakosError(error, 'PAXAKOS_TRANSPORT'), String(error));
  t.notRegex(error.message, /secret|\n/);
  return error.message;
}

async function opens(t: ExecutionContext, options: NatsTransportOptions): Promise<void> {
  const transport = natsTransport(options);
  await t.notThrowsAsync(transport.open({ id: 'a' }, () => {}, 'orders'));
  await transport.close();
}

const withUser = 'authorization { user: u, password: p }';
const nkey = 'UBR26YMFDTW25OBETMIYHNFTNU4ZZ2MCERYAW3WIVDLE7XVEYPKRGH7B';
const nkeySeed = new TextEncoder().encode('SUALBRF5YA5VSP2PW7DVEUY2C3REJMKKDEVOCFQBAKZU7CJUXV4NA3PU2A');

test.serial('a wrong address names servers, once it was tried for as long as openMsMax says', async (t) => {
  const openMsMax = 600;
  t.regex(await refusal(t, { servers: 'nats://127.0.0.1:1', openMsMax }), /127\.0\.0\.1:1 .*correct servers/);
  t.regex(await refusal(t, { servers: 'nats://no.such.host.invalid', openMsMax }), /no\.such\.host.*correct servers/);
  t.regex(await refusal(t, { servers: 'nats://nkey.monkey.invalid', openMsMax }), /monkey.*correct servers/);
});

test.serial('wrong credentials, and none, are told at once, and which options give them', async (t) => {
  const servers = await serverOf(withUser);
  const remedy = /refused the credentials: correct user and pass/;
  t.regex(await refusal(t, { servers }), remedy);
  t.regex(await refusal(t, { servers, user: 'u', pass: 'secret' }), remedy);
  t.regex(await refusal(t, { servers: await serverOf('authorization { token: t }'), token: 'secret' }), remedy);
  await opens(t, { servers, user: 'u', pass: 'p' });
  await opens(t, { servers: await serverOf('authorization { token: t }'), token: 't' });
});

test.serial('a known nkey is let in, another one is not', async (t) => {
  const servers = await serverOf(`authorization { users: [ { nkey: ${nkey} } ] }`);
  await opens(t, { servers, authenticator: nkeyAuthenticator(nkeySeed) });
  const other = new TextEncoder().encode('SUAPM67TC4RHQLKBX55NIQXSMATZDOZK6FNEOSS36CAYA7F7TY66LP4BOM');
  const remedy = /refused the credentials.*authenticator/;
  t.regex(await refusal(t, { servers, authenticator: nkeyAuthenticator(other) }), remedy);
  const noSeed = nkeyAuthenticator(new TextEncoder().encode('secret'));
  t.regex(await refusal(t, { servers, authenticator: noSeed }), remedy);
  t.regex(await refusal(t, { servers }), remedy);
});

test.serial('a missing or wrong authority, and TLS where there is none, name tls', async (t) => {
  const { certificateFile, keyFile } = certs;
  const servers = await serverOf(`tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }`);
  await opens(t, { servers, tls: { caFile: certificateFile } });
  t.regex(await refusal(t, { servers }), /self-signed|certificate/);
  t.regex(await refusal(t, { servers }), /give tls with its authority/);
  t.regex(await refusal(t, { servers, tls: { caFile: '/no/such.pem' } }), /no\/such\.pem.*correct tls\.caFile/);
  t.regex(await refusal(t, { servers: await serverOf(''), tls: {} }), /tls only where the server offers it/);
});

test.serial('a server that wants a certificate of the client names certFile and keyFile', async (t) => {
  const { certificateFile, keyFile } = certs;
  const servers = await serverOf(
    `tls { cert_file: "${certificateFile}", key_file: "${keyFile}", ca_file: "${certificateFile}", verify: true }`,
  );
  await opens(t, { servers, tls: { caFile: certificateFile, certFile: certificateFile, keyFile } });
  // Each dial is refused, so this test waits for all of it; a slow machine must get through one handshake meanwhile.
  const openMsMax = 3_000;
  t.regex(
    await refusal(t, { servers, tls: { caFile: certificateFile }, openMsMax }),
    /or give tls\.certFile and tls\.keyFile where it asks/,
  );
  t.regex(await refusal(t, { servers, tls: { caFile: keyFile } }), /give tls with its authority/);
});

test.serial('options that the client does not take together are told at once', async (t) => {
  t.regex(
    await refusal(t, { servers: 'nats://127.0.0.1', port: 4222 }),
    /the NATS client takes no such options: .*port/,
  );
});

test.serial('a server that takes tiny messages only names max_payload', async (t) => {
  const servers = await serverOf('max_payload: 2KB');
  t.regex(await refusal(t, { servers }), /takes only 2048 bytes a message: set its max_payload to 4096 or more/);
});

test.serial('a server that comes up while open waits is reached', async (t) => {
  const server = await natsServer();
  servers.push(server);
  await server.kill();
  const opening = opens(t, { servers: server.url });
  await new Promise((resolve) => setImmediate(resolve));
  await server.start();
  await opening;
});

test.serial('a user who may not use the subjects is told which', async (t) => {
  const allow = (publish: string, subscribe: string) =>
    serverOf(
      `authorization { users = [ { user: u, password: p, permissions: { publish: "${publish}", subscribe: "${subscribe}" } } ] }`,
    );
  const login = { user: 'u', pass: 'p' };
  const remedy = /paxakos\.orders\..*allow it to publish and to subscribe to paxakos\.orders\.>/;
  t.regex(await refusal(t, { servers: await allow('x.>', '>'), ...login }), remedy);
  t.regex(await refusal(t, { servers: await allow('>', 'x.>'), ...login }), remedy);
  await opens(t, { servers: await allow('paxakos.orders.>', 'paxakos.orders.>'), ...login });
});

test.serial('a server that is too old names its version and the one that it takes', async (t) => {
  const real = await natsServer();
  servers.push(real);
  // The real server, that says it were an old one.
  const front = createServer((client) => {
    const upstream = dial(real.port, '127.0.0.1');
    upstream.on('data', (chunk) =>
      client.write(chunk.toString('latin1').replace(/"version":"[^"]+"/, '"version":"2.1.9"'), 'latin1'),
    );
    client.on('data', (chunk) => upstream.write(chunk));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from.on('error', () => {}).on('close', () => to.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as { port: number };
  t.regex(
    await refusal(t, { servers: `nats://127.0.0.1:${port}` }),
    /version 2\.1\.9, which is too old: run 2\.2 or newer/,
  );
  front.close();
});
