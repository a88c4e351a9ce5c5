// Goal: at most as many packages are tested at once as there are places, of different kinds where that can be, and none is left out.
// Method: turns are taken as the packages do, over a socket, from lanes with few places.
import test from 'ava';
import { nextOf, openLanes, takeTurn } from '../lanes.mjs';
import { atATime } from './workspace.mjs';

const computes = { name: '@paxakos/some-decoration', waits: false };
const waits = { name: '@paxakos/some-transport', waits: true };
const longest = { name: 'paxakos', waits: true };

async function lanes(t, options) {
  const opened = await openLanes(options);
  t.teardown(() => opened.close());
  return opened;
}

test('next is one of the kind of which fewer run, and of those the one that takes longest', (t) => {
  t.is(nextOf([computes, waits], []), computes, 'else in the order in which they asked');
  t.is(nextOf([computes, waits, longest], []), longest);
  t.is(nextOf([waits, longest, computes], [waits]), computes);
  t.is(nextOf([computes, waits, longest], [computes]), longest);
  t.is(nextOf([longest, waits], [waits]), longest, 'a place is never left empty');
});

test('who asks last may go first, as long as nobody has begun', async (t) => {
  const { port } = await lanes(t, { places: 1 });
  const order = [];
  const all = [computes, longest].map(async (each) => {
    const turn = await takeTurn(port, each);
    order.push(each.name);
    turn.end();
  });
  await Promise.all(all);
  t.deepEqual(order, [longest.name, computes.name]);
});

test('no more run than there are places, one of each kind where both ask, and each has its turn', async (t) => {
  const { port } = await lanes(t, { places: 2 });
  const running = [];
  const seen = [];
  const all = [computes, computes, computes, waits, waits, waits].map(async (each) => {
    const turn = await takeTurn(port, each);
    running.push(each);
    seen.push(running.map((one) => one.waits));
    await new Promise((resolve) => setImmediate(resolve));
    running.splice(running.indexOf(each), 1);
    turn.end();
  });
  await Promise.all(all);
  t.is(seen.length, 6);
  t.true(seen.every((kinds) => kinds.length <= 2));
  t.deepEqual(seen[1]?.toSorted(), [false, true]);
});

test('one that is by itself is told so, and may use all processors', async (t) => {
  const { port } = await lanes(t, { places: 2, settleMs: 0 });
  const first = await takeTurn(port, computes);
  t.true(first.isAlone);
  t.false((await takeTurn(port, waits)).isAlone);
});

test('whose process ends in the middle of its turn, or while it waits, holds nobody up', async (t) => {
  const { port } = await lanes(t, { places: 1, settleMs: 0 });
  const first = await takeTurn(port, longest);
  const [second, third] = [takeTurn(port, waits), takeTurn(port, computes)];
  first.end();
  const turn = await Promise.race([second, third]);
  turn.end();
  await Promise.all([second, third]);
  t.pass();
});

test('who waits when the lanes close is refused', async (t) => {
  const opened = await openLanes({ places: 1, settleMs: 0 });
  await takeTurn(opened.port, computes);
  const turn = takeTurn(opened.port, waits);
  opened.close();
  await t.throwsAsync(turn, { message: /ended before their turn/ });
});

test('outside of `npm test` it is always one’s turn', async (t) => {
  t.true((await takeTurn(Number(undefined), computes)).isAlone);
});

test('work that is given at once is done so many at a time, in order, whatever fails', async (t) => {
  const turn = atATime(2);
  const begun = [];
  let running = 0;
  const all = [0, 1, 2, 3, 4].map((number) =>
    turn(async () => {
      begun.push(number);
      running += 1;
      t.true(running <= 2);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (number === 1) throw new Error('failed');
    }),
  );
  t.deepEqual(
    (await Promise.allSettled(all)).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
  t.deepEqual(begun, [0, 1, 2, 3, 4]);
});
