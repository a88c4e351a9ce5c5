// Goal: an address gives the transport of the package that its scheme names, and what is wrong with it is said in one sentence.
// Method: this package's own doors, and a copy of the package in applications outside the workspace.
import { resolve } from 'node:path';
import { isPaxakosError } from '@paxakos/core';
import test from 'ava';
import { connectTransport } from '../src/bus/connect-transport.ts';
import { ApplicationFolder } from './application-folder.ts';

const third = { 'lib/entry.js': "export const transportFromUrl = async (url) => ({ name: 'third of ' + url });" };

test('memory: transports of one name are one network in this process, others are not', async (t) => {
  const heard: string[] = [];
  const join = async (address: string, id: string, cluster = 'main') => {
    const transport = await connectTransport(address);
    await transport.open({ id }, (frame) => heard.push(`${id} in ${address} heard ${frame[0]}`), cluster);
    t.true(transport.frameBytesMax > 1_000);
    return transport;
  };
  const a = await join('memory:one', 'a');
  const b = await join('memory:one', 'b');
  await join('memory:two', 'b');
  await join('memory:', 'b');
  await join('memory:one', 'c', 'another cluster');
  a.send([{ id: 'b' }, { id: 'c' }], Uint8Array.of(1));
  await new Promise((done) => setImmediate(done));
  await b.close();
  a.send([{ id: 'b' }], Uint8Array.of(2));
  const again = await join('MEMORY:one', 'b');
  a.send([{ id: 'b' }], Uint8Array.of(3));
  await new Promise((done) => setImmediate(done));
  t.deepEqual(heard, ['b in memory:one heard 1', 'b in MEMORY:one heard 3']);
  await t.throwsAsync(
    again.open({ id: 'b' }, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
  await t.throwsAsync(
    b.open({ id: 'b' }, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
});

test('each scheme of the project gives the transport of its package, unopened', async (t) => {
  for (const address of [
    'nats://127.0.0.1:1',
    'nats+tls://127.0.0.1:1',
    'NATS://127.0.0.1:1',
    'redis://127.0.0.1:1',
    'rediss://127.0.0.1:1',
    'redis+cluster://127.0.0.1:1',
    'zmq+tcp://127.0.0.1:1',
    'zmq+ipc:///run/app',
  ]) {
    const transport = await connectTransport(address);
    t.is(typeof transport.open, 'function', address);
    await transport.close();
  }
});

test('what is no address is refused by name, without what may be secret', async (t) => {
  const invalid = async (address: unknown) => {
    const error = await t.throwsAsync(connectTransport(address as string), undefined, String(address));
    t.true(isPaxakosError(error, 'PAXAKOS_INVALID'), error?.message);
    t.regex(error?.message ?? '', /^address/);
    return error?.message ?? '';
  };
  for (const address of [
    '',
    'nonsense',
    '127.0.0.1:4222',
    'localhost:4222',
    'localhost:4222/',
    '//host',
    undefined,
    7,
  ]) {
    t.regex(await invalid(address), /: write where the bus is, such as nats:\/\//);
  }
  t.regex(await invalid('localhost:4222'), /^address is "localhost:4222"/);
  for (const address of [
    'me:secret@host',
    'nats://me:secret@host:port',
    'zmq+tcp://%secret',
    'nats://h:1?token=secret',
  ]) {
    if (!address.startsWith('zmq')) t.notRegex(await invalid(address), /secret/);
  }
});

test('a package that is missing is named, with the command that installs it', (t) => {
  const application = new ApplicationFolder(t);
  t.is(
    application.connect('nats://me:secret@127.0.0.1:4222'),
    'PAXAKOS_TRANSPORT: the package for nats: addresses is not installed: npm install @paxakos/transport-nats',
  );
  t.regex(
    application.connect('rediss://:secret@host'),
    /^PAXAKOS_TRANSPORT: .*: npm install @paxakos\/transport-redis$/,
  );
  t.regex(application.connect('foo+bar://x'), /foo: .*: npm install paxakos-transport-foo, or npm install @pax/);
  const { status, stderr } = application.cli('demo', '--once', '--bus', 'nats://me:secret@127.0.0.1:4222');
  t.is(status, 1);
  t.is(
    stderr,
    'paxakos demo: --bus cannot be used: the package for nats: addresses is not installed: npm install @paxakos/transport-nats\n',
  );
  application.link('@paxakos/transport-nats');
  t.regex(application.connect('nats://127.0.0.1:4222'), /^\d+$/);
});

test("a third party's package is found beside this one, and by name from the application", (t) => {
  const application = new ApplicationFolder(t);
  application.install(
    'paxakos-transport-foo',
    { exports: { '.': { types: './index.d.ts', import: './lib/entry.js' } } },
    third,
  );
  application.install('@paxakos/transport-bar', { exports: './lib/entry.js' }, third);
  application.install('paxakos-transport-old', { main: 'lib/entry.js' }, third);
  application.install('paxakos-transport-deep', { exports: { node: { default: './lib/entry.js' } } }, third);
  // This package, and one that lies elsewhere, as one does that is installed for all users.
  for (const program of [undefined, resolve('dist/index.js')]) {
    for (const address of ['foo://x', 'foo+tls://x?y', 'Foo:x', 'bar://x', 'old://x', 'deep://x']) {
      t.is(application.connect(address, program), `third of ${address.replace('Foo', 'foo')}`);
    }
  }
});

test('a package that is there but does not load, or makes no transport, is told from one that is missing', (t) => {
  const application = new ApplicationFolder(t);
  application.install(
    'paxakos-transport-broken',
    { exports: './index.js' },
    { 'index.js': "throw new Error('no luck');" },
  );
  application.install('paxakos-transport-lacking', { exports: './index.js' }, { 'index.js': "import 'some-client';" });
  application.install('paxakos-transport-unbuilt', { exports: './dist/index.js' }, {});
  application.install(
    'paxakos-transport-other',
    { exports: './index.js' },
    { 'index.js': 'export const transport = 1;' },
  );
  for (const program of [undefined, resolve('dist/index.js')]) {
    const connect = (address: string) => application.connect(address, program);
    t.regex(
      connect('broken://x'),
      /^PAXAKOS_TRANSPORT: paxakos-transport-broken is installed, but does not load \(no luck\)/,
    );
    t.regex(connect('lacking://x'), /-lacking is installed, but does not load \(Cannot find package 'some-client'/);
    t.regex(connect('unbuilt://x'), /-unbuilt is installed, but does not load \(/);
    t.regex(connect('other://x'), /^PAXAKOS_TRANSPORT: paxakos-transport-other has no transportFromUrl, .*: install a/);
  }
  // Seen only from this package, and not from the application.
  t.regex(application.connect('lacking://x', undefined, '/'), /-lacking is installed, but does not load \(Cannot/);
});
