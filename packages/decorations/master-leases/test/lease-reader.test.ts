// What a read by a lease asks before and after: the mandate, the rounds that it holds for, what is applied, the time.
import type { MandateSeen, ReadFunction } from '@paxakos/core';
import test from 'ava';
import { LeaseReader } from '../src/lease-reader.ts';
import { Lessee } from '../src/lessee.ts';
import { Timekeeper } from '../src/timekeeper.ts';

const number = { counter: 1, node: 'a', incarnation: 'a1' };

/** A leader with a lease of its own alone, in a cluster of one, to be changed in a test. */
function readerOf() {
  const listeners = new Set<() => void>();
  const site = {
    mandate: { number, holdsThrough: 9, inheritedThrough: 3 } as MandateSeen | undefined,
    applied: 5,
    committed: 5,
    incarnations: [['a', 'a1']] as (readonly [string, string])[],
    wake: () => {
      for (const listener of listeners) listener();
    },
    waiting: listeners,
  };
  const clock = { now: () => 0, after: () => () => {} };
  const host = {
    node: {
      status: 'leading',
      leader: 'a',
      on: (_: string, listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock,
    mandate: () => site.mandate,
    openRounds: () => {
      const incarnations = new Map(site.incarnations);
      const cluster = { from: 1, members: site.incarnations.map(([id]) => ({ id })), incarnations };
      return { from: site.applied + 1, to: 9, committed: site.committed, clusters: [cluster] };
    },
  };
  const self = { id: 'a', incarnation: 'a1' };
  const lessee = new Lessee({ self, time: new Timekeeper(clock, undefined, 1, 1), ratioMax: 1, measures: false });
  return { site, reader: new LeaseReader(host as never, lessee) };
}

const below: ReadFunction = async (fn) => fn(undefined, 0);

test('it reads where all is well', async (t) => {
  const { reader } = readerOf();
  t.is(await reader.read(below, () => 7, { consistency: 'lease' }, false), 7);
  t.is(reader.remainingMs(false), Number.POSITIVE_INFINITY);
});

test('H19 where the mandate does not hold for every open round, earlier leaders may have placed what is not known', async (t) => {
  const { reader, site } = readerOf();
  site.mandate = { number, holdsThrough: 8, inheritedThrough: 3 };
  for (const isLax of [false, true])
    await t.throwsAsync(
      reader.read(below, () => 7, { consistency: 'lease' }, isLax),
      { message: /earlier leaders placed/ },
    );
  t.is(reader.remainingMs(true), 0);
});

test('H19 it waits until what was inherited, and what was committed when it was called, is applied', async (t) => {
  for (const [committed, inheritedThrough] of [
    [7, 3],
    [5, 7],
  ] as const) {
    const { reader, site } = readerOf();
    site.committed = committed;
    site.mandate = { number, holdsThrough: 9, inheritedThrough };
    let isRead = false;
    const read = reader
      .read(below, () => true, { consistency: 'lease' }, false)
      .then((value) => {
        isRead = value;
      });
    for (const applied of [5, 6]) {
      site.applied = applied;
      // What is committed later does not matter.
      site.committed = 9;
      site.wake();
      await Promise.resolve().then(() => {});
      t.false(isRead);
    }
    site.applied = 7;
    site.wake();
    await read;
    t.true(isRead);
    t.is(site.waiting.size, 0);
  }
});

test('H21 leadership that is lost, or won anew, while layers below take their time', async (t) => {
  for (const mandate of [undefined, { number, holdsThrough: 9, inheritedThrough: 6 }]) {
    const { reader, site } = readerOf();
    const slow: ReadFunction = async (fn) => {
      await Promise.resolve();
      site.mandate = mandate;
      return fn(undefined, 0);
    };
    await t.throwsAsync(
      reader.read(slow, () => 7, { consistency: 'lease' }, false),
      { message: /^no master lease/ },
    );
  }
});

test('a member that its memory does not count for holds no lease by its own promise', async (t) => {
  const { reader, site } = readerOf();
  site.incarnations = [['a', 'a2']];
  const refused = await t.throwsAsync(reader.read(below, () => 7, { consistency: 'lease' }, false));
  t.like(refused, { code: 'PAXAKOS_NO_LEASE', reason: 'noMajority' });
});
