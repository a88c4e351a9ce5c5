import { InvalidError } from '@paxakos/core/contracts';
import test, { type ExecutionContext } from 'ava';
import { type NatsTransportOptions, natsTransport } from '../src/index.ts';

function refuses(t: ExecutionContext, options: unknown, says: RegExp): void {
  const error = t.throws(() => natsTransport(options as NatsTransportOptions), { instanceOf: InvalidError });
  t.regex(error?.message ?? '', says);
  t.notRegex(error?.message ?? '', /secret/);
}

test('an option that cannot be is named, with its value and what to give', (t) => {
  for (const name of ['frameBytesMax', 'queueBytesMax', 'openMsMax']) {
    for (const value of [0, -1, 1.5, Number.NaN, '7', 2 ** 31]) {
      refuses(t, { [name]: value }, new RegExp(`${name}.*${value}.*give an integer from 1`));
    }
  }
  for (const prefix of ['', 'a b', 'a.', '.a', 'a..b', 'a.*', '>', 'ä', 7, 'a'.repeat(256)]) {
    refuses(t, { prefix }, /prefix.*give words of letters, digits, - and _/);
  }
  for (const prefix of ['a', 'a.b-c_d.9', 'a'.repeat(255)]) t.notThrows(() => natsTransport({ prefix }));
});

test('servers without an address, of another scheme, or with a password in them are refused', (t) => {
  for (const servers of ['', [], [''], 7, null, ['nats://a', 'ws://b'], 'http://a']) {
    refuses(t, { servers }, /servers.*give an address such as nats:/);
  }
  refuses(t, { servers: 'tls://a' }, /servers.*tls:\/\/a.*write nats:\/\/, and set tls/);
  refuses(t, { servers: 'nats://user:secret@a' }, /servers.*give user and pass, or token, as options/);
  for (const servers of ['a', 'a:1', 'nats://a', ['nats://a:1', '[::1]:4222']])
    t.notThrows(() => natsTransport({ servers }));
});

test('an option that there is not is named, and what the first connection may take is openMsMax', (t) => {
  refuses(t, { prefx: 'secret' }, /prefx.*there is no such option/);
  refuses(t, { waitOnFirstConnect: true }, /waitOnFirstConnect.*there is no such option/);
  refuses(t, { toString: 1 }, /toString.*there is no such option/);
});

test('what is no connection, and one with options of the client, is refused', (t) => {
  for (const connection of [null, 7, {}, { publish() {} }])
    refuses(t, { connection }, /connection.*give what connect\(\)/);
  const names = ['publish', 'subscribe', 'flush', 'status', 'isClosed', 'closed', 'close'];
  const connection = Object.fromEntries(names.map((name) => [name, () => {}]));
  refuses(t, { connection, pass: 'secret' }, /pass.*a ready connection takes no options of the client/);
  t.notThrows(() => natsTransport({ connection, prefix: 'a' } as unknown as NatsTransportOptions));
});
