// Goal: a lease ends for its holder by whichever clock says so first, its own or the one that goes on while the machine is
// suspended. Method: one tenancy, with clocks that are set by hand.
import test from 'ava';
import type { LeaseEntry } from '../src/lease-entry.ts';
import { Tenancy } from '../src/tenancy.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A tenancy of 3 s that is held, at 0 by both clocks, and what it appended. */
async function held() {
  const time = { own: 0, wall: 5_000_000 };
  const timers = new Set<Timer>();
  const appended: LeaseEntry[] = [];
  let ids = 0;
  const clock = {
    now: () => time.own,
    wallNow: () => time.wall,
    after(delayMs: number, callback: () => void) {
      const timer = { at: time.own + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const tenancy = new Tenancy(
    {
      clock,
      holder: 'a',
      driftMax: 0.1,
      nextId: () => `id ${++ids}`,
      append: async (entry) => void appended.push(entry),
      onEnd: () => {},
    },
    { name: 'x', durationMs: 3_000, waitMs: Number.POSITIVE_INFINITY, signal: undefined },
  );
  const taken = tenancy.take();
  const found = { claim: tenancy.claim, holder: 'a', durationMs: 3_000, token: 7 };
  const apply = (entry: LeaseEntry | undefined): void => tenancy.observe(entry?.id, found as never);
  apply(appended[0]);
  const lease = await taken;
  const pass = (ownMs: number, wallMs: number): void => {
    time.own += ownMs;
    time.wall += wallMs;
    for (const timer of timers) {
      if (timer.at > time.own) continue;
      timers.delete(timer);
      timer.callback();
    }
  };
  return { lease, pass, appended, apply };
}

test('H24: a holder whose machine was suspended past the end of its lease holds it no more', async (t) => {
  const { lease, pass } = await held();
  const { signal } = lease;
  pass(10, 10);
  t.true(lease.isHeld);
  pass(0, 2_689);
  t.true(lease.isHeld);
  pass(0, 1);
  t.false(lease.isHeld, '3 s less a tenth');
  t.true(signal.aborted);
  t.throws(() => lease.check(), { code: 'PAXAKOS_LEASE_LOST' });
});

test('H24: whoever waits for the signal alone hears of the suspension by the next extension', async (t) => {
  const { lease, pass, appended } = await held();
  const { signal } = lease;
  pass(500, 60_000);
  t.false(signal.aborted, 'nothing has happened in this process');
  pass(500, 500);
  t.true(signal.aborted);
  t.false(
    appended.some(({ type }) => type === 'lease/extend'),
    'and nothing is extended that is over',
  );
});

test('H24: each extension moves the end by both clocks', async (t) => {
  const { lease, pass, appended, apply } = await held();
  pass(1_000, 1_000);
  apply(appended.at(-1));
  pass(0, 2_600);
  t.true(lease.isHeld);
  pass(0, 100);
  t.false(lease.isHeld);
});

test('H24: a wall clock that is set back ends nothing, and the own clock goes on to count', async (t) => {
  const { lease, pass } = await held();
  pass(0, -3_600_000);
  t.true(lease.isHeld);
  pass(2_700, 2_700);
  t.false(lease.isHeld);
});
