// What a voter promises: to whom, for how long of its own clock, and what it tells of that.
import test from 'ava';
import { Lessor } from '../src/lessor.ts';
import { Timekeeper } from '../src/timekeeper.ts';

const number = (counter: number, node: string, incarnation = `${node}1`) => ({ counter, node, incarnation });

function lessorOf(): { readonly lessor: Lessor; readonly time: { now: number; leaseMs: number } } {
  const time = { now: 5, leaseMs: 1_600 };
  const clock = { now: () => time.now, after: () => () => {} };
  const keeper = new Timekeeper(clock, undefined, 1_600, 1);
  return { lessor: new Lessor(keeper, 0.5, () => time.leaseMs), time };
}

test('a grant says for how long, what the clock shows, and whose life it is', (t) => {
  const { lessor } = lessorOf();
  t.deepEqual(lessor.grant(number(1, 'a')), { forMs: 1_600, at: 5, life: 0.5 });
});

test('nobody is bound before a grant, and nobody after its time', (t) => {
  const { lessor, time } = lessorOf();
  t.is(lessor.bond(number(1, 'b')), undefined);
  lessor.grant(number(1, 'a'));
  t.deepEqual(lessor.bond(number(2, 'b')), { holder: 'a', forMs: 1_600 });
  time.now += 1_599;
  t.deepEqual(lessor.bond(number(2, 'b')), { holder: 'a', forMs: 1 });
  time.now += 1;
  t.is(lessor.bond(number(2, 'b')), undefined);
});

test('its own holder is not in its way, under whatever number, but for one that has lost its memory', (t) => {
  const { lessor } = lessorOf();
  lessor.grant(number(1, 'a'));
  t.is(lessor.bond(number(7, 'a')), undefined);
  t.like(lessor.bond(number(7, 'a', 'a2')), { holder: 'a' });
});

test('H27 leases of several leaders run beside one another, and each binds', (t) => {
  const { lessor, time } = lessorOf();
  lessor.grant(number(1, 'a'));
  time.now += 600;
  lessor.grant(number(2, 'b'));
  t.deepEqual(lessor.bond(number(3, 'a')), { holder: 'b', forMs: 1_600 });
  t.deepEqual(lessor.bond(number(3, 'b')), { holder: 'a', forMs: 1_000 });
  t.deepEqual(lessor.bond(number(3, 'c')), { holder: 'b', forMs: 1_600 });
  time.now += 1_000;
  t.is(lessor.bond(number(3, 'b')), undefined);
  t.deepEqual(lessor.bond(number(3, 'a')), { holder: 'b', forMs: 600 });
});

test('a lease is renewed at most once in a sixteenth of its time, and at once under another number', (t) => {
  const { lessor, time } = lessorOf();
  lessor.grant(number(1, 'a'));
  time.now += 99;
  t.is(lessor.grant(number(1, 'a')), undefined);
  t.like(lessor.grant(number(2, 'a')), { at: 104 });
  time.now += 100;
  t.like(lessor.grant(number(2, 'a')), { at: 204 });
});

test('a shorter lease does not cut a longer one short', (t) => {
  const { lessor, time } = lessorOf();
  lessor.grant(number(1, 'a'));
  time.now += 200;
  time.leaseMs = 10;
  t.like(lessor.grant(number(1, 'a')), { forMs: 10 });
  t.like(lessor.bond(number(2, 'b')), { forMs: 1_400 });
});
