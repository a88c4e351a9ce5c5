import { rm } from 'node:fs/promises';
import { InvalidError } from '@paxakos/core/contracts';
import { certificates, natsServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { transportFromUrl } from '../src/index.ts';

async function opens(t: ExecutionContext, url: string): Promise<void> {
  const transport = transportFromUrl(url);
  await t.notThrowsAsync(transport.open({ id: 'a' }, () => {}, 'main'));
  await transport.close();
}

async function serve(t: ExecutionContext, config: string): Promise<string> {
  const server = await natsServer({ config });
  t.teardown(() => server[Symbol.asyncDispose]());
  return `127.0.0.1:${server.port}`;
}

test('user and password, or a token, stand before the address, and special characters as %XX', async (t) => {
  const at = await serve(t, 'authorization { user: "u@x", password: "p:/?#ä" }');
  await opens(t, `nats://${encodeURIComponent('u@x')}:${encodeURIComponent('p:/?#ä')}@${at}`);
  await opens(t, `nats://t%3Ax@${await serve(t, 'authorization { token: "t:x" }')}/`);
});

test('several addresses are parted by commas, and prefix is a parameter', async (t) => {
  const at = await serve(
    t,
    'authorization { users = [ { user: u, password: p, permissions: { publish: "my.app.>", subscribe: "my.app.>" } } ] }',
  );
  await opens(t, `nats://u:p@127.0.0.1:1,${at}?prefix=my.app`);
  const other = transportFromUrl(`nats://u:p@${at}`);
  await t.throwsAsync(
    other.open({ id: 'a' }, () => {}, 'main'),
    { message: /allow it .* paxakos\.main\.>/ },
  );
});

test('nats+tls demands TLS, and ca names the file of the authority', async (t) => {
  const certs = await certificates();
  t.teardown(() => rm(certs.folder, { recursive: true }));
  const at = await serve(t, `tls { cert_file: "${certs.certificateFile}", key_file: "${certs.keyFile}" }`);
  await opens(t, `nats+tls://${at}?ca=${encodeURIComponent(certs.certificateFile)}`);
  const plain = transportFromUrl(`nats+tls://${await serve(t, '')}`);
  await t.throwsAsync(
    plain.open({ id: 'a' }, () => {}, 'main'),
    { message: /tls only where the server offers it/ },
  );
});

test('an address that cannot be is refused, says what is wrong, and shows no secret', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /address.*write nats:/],
    ['nats://', /address.*write nats:/],
    ['redis://u:secret@a', /address.*write nats:/],
    ['nats://u:secret@', /address.*write nats:/],
    ['nats://u:secret@a@b', /address.*write nats:/],
    ['nats://u:secret@a:99999', /server.*a:99999.*write host:port/],
    ['nats://u:secret@a:0', /server.*a:0.*write host:port/],
    ['nats://u:secret@a:b', /server.*write host:port/],
    ['nats://u:secret@a,,b', /server.*write host:port/],
    ['nats://u:secret@::1', /server.*IPv6 address in brackets/],
    ['nats://u:secret%@a', /user and password.*write special characters as %XX/],
    ['nats://u:secret@a?prefx=x', /\?prefx.*write nats:/],
    ['nats://u:secret@a?prefix=a%20b', /prefix.*a b.*give words/],
    ['nats://u:secret@a?ca=/x', /\?ca.*\/x.*it needs nats\+tls/],
  ];
  for (const [url, says] of refused) {
    const error = t.throws(() => transportFromUrl(url), { instanceOf: InvalidError }, url);
    t.regex(error?.message ?? '', says);
    t.notRegex(error?.message ?? '', /secret/);
  }
  for (const url of ['nats://a', 'nats://[::1]:4222', 'nats://a.b-c:1,d', 'nats+tls://t@a', 'nats://@a']) {
    t.notThrows(() => transportFromUrl(url));
  }
});
