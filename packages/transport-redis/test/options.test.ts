import { rm } from 'node:fs/promises';
import { isPaxakosError } from '@paxakos/core/contracts';
import { certificates, redisServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { AddressLists, readAddressed } from '../src/address-list.ts';
import { type RedisTransportOptions, redisTransport, transportFromUrl } from '../src/index.ts';
import { Route } from '../src/route.ts';

const mebibyte = 1024 * 1024;

function refusal(t: ExecutionContext, make: () => unknown): string {
  const error = t.throws(make);
  t.true(isPaxakosError(error, 'PAXAKOS_INVALID'), String(error));
  t.notRegex(error.message, /s3cret/);
  return error.message;
}

test('bad options are told by name, with what to give', (t) => {
  const told = (options: object) => refusal(t, () => redisTransport(options as RedisTransportOptions));
  t.regex(told({ pasword: 's3cret' }), /^pasword is .*: there are these options: url, username/);
  t.regex(told({ url: 'http://u:s3cret@h' }), /^url is .*: write redis:\/\//);
  t.regex(told({ url: 7 }), /^url is /);
  t.regex(told({ url: 'redis://h:99999' }), /^url: host is "h:99999": write host:port/);
  t.regex(told({ url: 'redis://h:0' }), /^url: host/);
  t.regex(told({ url: 'redis://s3cret@h' }), /^url: user is .*: write user:password@/);
  t.regex(told({ url: 'redis://u:s3cret%@h' }), /^url: user and password is .*: write special characters as %XX/);
  t.regex(told({ url: 'redis://h1,h2' }), /^url: host is "h1,h2": give one host, or write redis\+cluster/);
  t.regex(told({ url: 'redis://h?prefix=x' }), /^url is .*: leave out the \?/);
  t.regex(told({ password: 1 }), /^password is undefined: give a string/);
  t.regex(told({ tls: true }), /^tls is .*: give options of TLS/);
  t.regex(told({ protocol: 4 }), /^protocol is 4: give 2 or 3/);
  t.regex(told({ prefix: 'a b' }), /^prefix is "a b": give letters/);
  t.regex(told({ prefix: '{a}' }), /^prefix/);
  t.regex(told({ frameBytesMax: 512 * mebibyte }), /^frameBytesMax is \d+: give an integer from 1 to 536869888/);
  t.regex(told({ queueBytesMax: 0 }), /^queueBytesMax/);
  t.regex(told({ queueBytesMax: 1_024 }), /^queueBytesMax is 1024: give at least frameBytesMax, 65536/);
  t.regex(told({ openMsMax: 0.5 }), /^openMsMax/);
  t.regex(told({ client: {} }), /^client is .*: give a Redis or a Cluster/);
  const client = { status: 'wait', options: {} };
  t.regex(told({ client, password: 's3cret' }), /^password is undefined: a client has settings of its own/);
  t.is(redisTransport({ frameBytesMax: 64 * mebibyte }).frameBytesMax, 64 * mebibyte);
  t.is(redisTransport().frameBytesMax, 64 * 1_024);
});

test('bad addresses are told by their part', (t) => {
  const told = (url: string) => refusal(t, () => transportFromUrl(url));
  t.regex(told('redis://u:s3cret@'), /^address is .*: write redis:\/\//);
  t.regex(told('redis:h'), /^address is /);
  t.regex(told('redis://[::1:7'), /^address: host/);
  t.regex(told('redis://h/db'), /^address is /);
  t.regex(told('redis://h?prefx=x'), /^address: \?prefx is .*: there are these: prefix, protocol, ca/);
  t.regex(told('redis://h?protocol=1'), /^address: \?protocol is "1": write 2 or 3/);
  t.regex(told('redis://h?ca=/x'), /^address: \?ca is "\/x": it needs rediss:\/\//);
  t.regex(told('rediss://h?ca=/no/such.pem'), /^address: \?ca is "\/no\/such.pem": it cannot be read \(ENOENT\)/);
  t.regex(told('redis://h?prefix=a%20b'), /^prefix is "a b"/);
});

test('addresses of every form are taken', (t) => {
  for (const url of [
    'redis://h',
    'redis://:p@h:1/0',
    'redis://u:p%40%3A@[::1]:65535?prefix=a:b',
    'rediss://h/',
    'redis+cluster://h1:1,h2:2,[::1]:3?protocol=2',
    'rediss+cluster://u:p@h1',
  ]) {
    t.notThrows(() => transportFromUrl(url), url);
  }
});

test('an address opens: with a password, an authority, a prefix and a protocol', async (t) => {
  const certs = await certificates();
  t.teardown(() => rm(certs.folder, { recursive: true, force: true }));
  await using server = await redisServer({ tls: certs, args: ['--requirepass', 'p@:/?%'] });
  const url = `rediss://:${encodeURIComponent('p@:/?%')}@127.0.0.1:${server.port}/0?ca=${certs.certificateFile}`;
  const frames: string[] = [];
  await using a = transportFromUrl(`${url}&prefix=x&protocol=2`);
  await using b = redisTransport({
    url: server.url,
    username: 'default',
    password: 'p@:/?%',
    tls: { ca: certs.certificate },
    prefix: 'x',
  });
  await a.open({ id: 'a' }, () => {}, 'main');
  await b.open({ id: 'b' }, (frame) => frames.push(Buffer.from(frame).toString()), 'main');
  a.send([{ id: 'b' }], Buffer.from('hello'));
  while (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.deepEqual(frames, ['hello']);
});

test('a list of receivers is read by each of them, and by nobody else', (t) => {
  const lists = new AddressLists();
  const id = fc.string({ unit: 'binary', minLength: 0, maxLength: 60 });
  const property = fc.property(fc.uniqueArray(id, { maxLength: 6 }), id, fc.uint8Array(), (ids, other, frame) => {
    const list = lists.of(ids);
    if (list === undefined) return;
    const message = Buffer.concat([list, frame]);
    for (const one of [...ids, other]) {
      const expected = ids.includes(one) ? Buffer.from(frame) : 'others';
      t.deepEqual(readAddressed(message, Buffer.from(one)), expected);
    }
  });
  fc.assert(property);
  // The list of one is not taken for that of the other.
  t.deepEqual(lists.of(['x', 'y']), new AddressLists().of(['x', 'y']));
  t.deepEqual(lists.of(['x\0y']), new AddressLists().of(['x\0y']));
});

test('no message makes the reader of lists throw, or read beyond the message', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const read = readAddressed(Uint8Array.of(1, ...bytes), Buffer.from('b'));
    t.true(typeof read === 'string' || read.length <= bytes.length);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('a route follows the servers, translated, and else takes each in turn', (t) => {
  const moved = (text: string) => Object.assign(new Error(text), { name: 'ReplyError' });
  const one = { host: 'one', port: 1 };
  const two = { host: 'two', port: 2 };
  const route = new Route([one, two], { 'inner:9': { host: 'outer', port: 99 } });
  t.false(route.follow(moved('CLUSTERDOWN')));
  t.deepEqual(route.current, one);
  t.true(route.follow(moved('MOVED 12 two:2')));
  t.deepEqual(route.current, two);
  t.true(route.follow(moved('MOVED 12 :7')));
  t.deepEqual(route.current, { host: 'two', port: 7 });
  t.true(route.follow(moved('MOVED 12 inner:9')));
  t.deepEqual(route.current, { host: 'outer', port: 99 });
  t.true(route.follow(moved('MOVED 12 ::1:6379')));
  t.deepEqual(route.current, { host: '::1', port: 6379 });
  const seen = Array.from({ length: 5 }, () => {
    route.next();
    return route.current.port;
  });
  t.deepEqual(seen, [1, 2, 7, 99, 6379]);
});
