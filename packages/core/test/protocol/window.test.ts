import test from 'ava';
import fc from 'fast-check';
import type { Entry, Founding } from '../../src/contracts/index.ts';
import { Window } from '../../src/protocol/index.ts';
import { entryOf, idsIn, noop, rejoinOf, systemEntries, textOf } from './support/entries.ts';
import { LogModel } from './support/log-model.ts';
import { TestState } from './support/test-state.ts';

const members = idsIn('abc').map((id) => ({ id }));
const founding: Founding = { members, incarnations: members.map(({ id }) => [id, `${id}1`] as const) };

const entries: fc.Arbitrary<Entry> = fc.oneof(
  fc.constantFrom(noop, entryOf('x')),
  fc.constantFrom('+a', '+d', '+e', '-a', '-b', '-d', '~cd', '~be').map((text) => entryOf(text)),
  fc.integer({ min: 1, max: 6 }).map((concurrency) => entryOf(`=${concurrency}`)),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
    .map(([id, life, former]) =>
      systemEntries.rejoin({
        node: { id },
        incarnation: `${id}${life}`,
        replaces: former === 0 ? undefined : `${id}${former}`,
      }),
    ),
);

/** Feeds the log to a window, applied in batches that end where `ends` says, as a node does. */
function windowAfter(log: readonly Entry[], isEnd: (round: number) => boolean, seen: (window: Window) => void): Window {
  const window = new Window();
  const state = new TestState(members, 3);
  window.found(founding, 3);
  seen(window);
  log.forEach((entry, index) => {
    const round = index + 1;
    const rejoin = rejoinOf(entry);
    const report = state.apply(round, entry);
    const isChange = report !== undefined || rejoin !== undefined;
    if (isChange && round - 1 > window.applied) window.advance(round - 1, undefined);
    if (rejoin !== undefined) window.rejoin(rejoin.node.id, rejoin.incarnation, rejoin.replaces);
    if (isChange) window.advance(round, report);
    else if (isEnd(round)) window.advance(round, undefined);
    seen(window);
  });
  if (window.applied < log.length) window.advance(log.length, undefined);
  seen(window);
  return window;
}

function votersIn(window: Window, round: number): string {
  const epoch = window.epochOf(round);
  return epoch === undefined ? '-' : [...epoch.incarnations.values()].sort().join();
}

test('P9 the voters of each round follow from the log alone, however it is applied in batches (H29)', (t) => {
  const alike = fc.property(fc.array(entries, { maxLength: 40 }), fc.array(fc.boolean()), (log, ends) => {
    const model = new LogModel(founding, 3);
    for (const entry of log) model.apply(entry);
    const check = (window: Window): void => {
      for (let round = window.applied + 1; round <= window.reach; round += 1) {
        const expected = [...(model.votersOf(round)?.values() ?? [])].sort().join();
        const derived = votersIn(window, round);
        if (derived !== expected)
          throw new Error(`round ${round}: ${derived}, not ${expected}, after ${log.map(textOf).join(' ')}`);
      }
    };
    const batched = windowAfter(log, (round) => ends[round % Math.max(ends.length, 1)] === true, check);
    const single = windowAfter(log, () => true, check);
    if (batched.reach !== single.reach || batched.reach !== model.reach) throw new Error('they reach differently far');
  });
  t.notThrows(() => fc.assert(alike, { numRuns: 1_000 }));
});

test('P9 the window never reaches less far, and what governs a round never changes (H29)', (t) => {
  const steady = fc.property(fc.array(entries, { maxLength: 60 }), (log) => {
    let reach = 0;
    const governed = new Map<number, string>();
    windowAfter(
      log,
      () => true,
      (window) => {
        if (window.reach < reach) throw new Error(`it reached to ${reach}, and now to ${window.reach}`);
        reach = window.reach;
        if (window.epochOf(reach + 1) !== undefined) throw new Error('a round beyond the window is governed');
        for (let round = window.applied + 1; round <= reach; round += 1) {
          const voters = votersIn(window, round);
          if (voters === '-' || voters === '') throw new Error(`nobody governs round ${round}`);
          if ((governed.get(round) ?? voters) !== voters) throw new Error(`round ${round} changed hands`);
          governed.set(round, voters);
        }
      },
    );
  });
  t.notThrows(() => fc.assert(steady, { numRuns: 1_000 }));
});

test('P9 a snapshot of the window goes on as the window would have', (t) => {
  const alike = fc.property(fc.array(entries, { minLength: 2, maxLength: 40 }), fc.nat(), (log, at) => {
    const cut = 1 + (at % (log.length - 1));
    const whole = windowAfter(
      log,
      () => true,
      () => {},
    );
    const before = windowAfter(
      log.slice(0, cut),
      () => true,
      () => {},
    );
    const state = new TestState(members, 3);
    for (const [index, entry] of log.slice(0, cut).entries()) state.apply(index + 1, entry);
    const copy = new Window();
    copy.install(cut, before.reach, [...before.epochs], before.incarnations, state.report);
    for (const [index, entry] of log.slice(cut).entries()) {
      const rejoin = rejoinOf(entry);
      if (rejoin !== undefined) copy.rejoin(rejoin.node.id, rejoin.incarnation, rejoin.replaces);
      copy.advance(cut + index + 1, state.apply(cut + index + 1, entry));
    }
    for (let round = log.length + 1; round <= whole.reach; round += 1)
      if (votersIn(copy, round) !== votersIn(whole, round)) throw new Error(`round ${round} differs`);
    return copy.reach === whole.reach && copy.changes === whole.changes;
  });
  t.notThrows(() => fc.assert(alike, { numRuns: 500 }));
});
