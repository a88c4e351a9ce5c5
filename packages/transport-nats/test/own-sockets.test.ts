// Goal: an open that is given up leaves nothing, and one that succeeds is held by nothing. Method: work that ends when the test says.
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import test from 'ava';
import { withOwnSockets } from '../src/own-sockets.ts';

function connection() {
  let closes = 0;
  return {
    closes: () => closes,
    async close() {
      closes += 1;
    },
  };
}

test('a connection that comes after the abort is closed, and the abort does not wait for it', async (t) => {
  const aborting = new AbortController();
  const one = connection();
  const late = new EventEmitter();
  const opening = withOwnSockets(() => once(late, 'connect').then(() => one), aborting.signal);
  aborting.abort();
  await t.throwsAsync(opening, { any: true, name: 'AbortError' });
  t.is(one.closes(), 0);
  late.emit('connect');
  await new Promise(setImmediate);
  t.is(one.closes(), 1);
});

test('the signal is there while the work goes on, none when it is done, and one that is aborted is not given', async (t) => {
  const aborting = new AbortController();
  const seen: (() => AbortSignal | undefined)[] = [];
  const work = async (current: () => AbortSignal | undefined) => {
    seen.push(current);
    t.false(current()?.aborted);
    return connection();
  };
  const one = await withOwnSockets(work, aborting.signal);
  await new Promise(setImmediate);
  t.is(seen[0]?.(), undefined);
  aborting.abort();
  t.is(seen[0]?.(), undefined);
  t.is(one.closes(), 0);
  await t.throwsAsync(withOwnSockets(work, aborting.signal), { any: true, name: 'AbortError' });
  t.is(seen.length, 1);

  const failing = (current: () => AbortSignal | undefined): Promise<never> => {
    seen.push(current);
    return Promise.reject(new Error('refused'));
  };
  await t.throwsAsync(withOwnSockets(failing, new AbortController().signal), { message: 'refused' });
  t.throws(() => seen[1]?.(), { any: true, name: 'AbortError' });
});

test('sockets of work that failed are destroyed; those of work that succeeded, and of others, are not', async (t) => {
  const listener = createServer((socket) => socket.on('error', () => {}).resume());
  t.teardown(() => listener[Symbol.asyncDispose]());
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const dial = async (): Promise<Socket> => {
    const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const { signal } = new AbortController();
  const other = dial();
  const sockets: Socket[] = [];
  const work = async () => {
    sockets.push(await dial());
    return connection();
  };
  await withOwnSockets(work, signal);
  const failing = async () => {
    await work();
    throw new Error('refused');
  };
  await t.throwsAsync(withOwnSockets(failing, signal), { message: 'refused' });
  t.deepEqual(
    [...sockets, await other].map(({ destroyed }) => destroyed),
    [false, true, false],
  );
});

test('an abort in the moment in which the client has removed its listeners raises no uncaught error', async (t) => {
  const listener = createServer((socket) => socket.on('error', () => {}).resume());
  t.teardown(() => listener[Symbol.asyncDispose]());
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const aborting = new AbortController();
  const failures: unknown[] = [];
  const work = async (current: () => AbortSignal | undefined) => {
    const signal = current();
    const socket = new Socket(signal && { signal });
    t.teardown(() => socket.destroy());
    await new Promise<void>((resolve) => {
      socket.connect((listener.address() as AddressInfo).port, '127.0.0.1', () => {
        socket.removeAllListeners();
        resolve();
        aborting.abort();
      });
    });
    socket.on('error', (error) => failures.push(error));
    await once(socket, 'close');
    return connection();
  };
  await t.throwsAsync(withOwnSockets(work, aborting.signal), { any: true, name: 'AbortError' });
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
  t.like(failures, [{ name: 'AbortError' }]);
});
