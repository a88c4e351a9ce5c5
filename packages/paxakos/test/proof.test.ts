// Goal: the proof sees every kind of fault it is there for. Each fault is put in once.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { StateRow } from '../src/calculator/state-text.ts';
import { Ledger } from '../src/demo/ledger.ts';
import { holds, prove } from '../src/demo/proof.ts';

const rows: readonly StateRow[] = [
  ['a', 1, 'add', 10, 10],
  ['b', 2, 'mul', 3, 30],
  ['c', 4, 'div', 0, 30],
  ['d', 5, 'sub', 5, 25],
];
const acknowledged = new Map(rows.map(([id, round, , , value]) => [id, { round, value }]));
const state = (operations: readonly StateRow[] = rows, value = 25, base = 0, forgotten = 0) =>
  Buffer.from(JSON.stringify({ value, base, forgotten, operations }));
const sound = state();

test('the proof holds where all is well', (t) => {
  const proof = prove([sound, state(), state()], acknowledged);
  t.true(holds(proof));
  t.deepEqual(proof, {
    equal: true,
    lost: 0,
    appliedTwice: 0,
    altered: 0,
    forgotten: 0,
    operations: 4,
    value: 25,
    rememberedFrom: undefined,
  });
});

test('an acknowledged operation that one state lacks is lost', (t) => {
  const proof = prove([sound, sound, state(rows.slice(0, 3), 30)], acknowledged);
  t.false(holds(proof));
  t.like(proof, { equal: false, lost: 1, appliedTwice: 0 });
});

test('an operation that all states lack is lost, though they are equal', (t) => {
  const short = state(rows.slice(0, 3), 30);
  t.like(prove([short, short, short], acknowledged), { equal: true, lost: 1 });
});

test('an operation that is listed twice was applied twice', (t) => {
  const twice = state([...rows, ['d', 6, 'sub', 5, 20]], 20);
  t.is(prove([twice, twice, twice], acknowledged).appliedTwice, 1);
});

test('an effect that is not listed breaks the chain of values', (t) => {
  const hidden = state(rows, 20);
  t.is(prove([hidden, hidden, hidden], acknowledged).appliedTwice, 1);
  const inside = state(
    [...rows.slice(0, 1), ['b', 2, 'mul', 3, 90], ['c', 4, 'div', 0, 90], ['d', 5, 'sub', 5, 85]],
    85,
  );
  t.is(prove([inside, inside, inside], acknowledged).appliedTwice, 1);
});

test('an outcome other than the one acknowledged is seen', (t) => {
  const otherwise = new Map([...acknowledged, ['b', { round: 2, value: 31 }], ['a', { round: 9, value: 10 }]]);
  const proof = prove([sound, sound, sound], otherwise);
  t.false(holds(proof));
  t.like(proof, { equal: true, lost: 0, altered: 2 });
});

test('what the states have forgotten is counted, and what they should remember is lost', (t) => {
  const old = state(rows.slice(2), 25, 30, 2);
  const proof = prove([old, old, old], new Map([...acknowledged, ['missing', { round: 5, value: 1 }]]));
  t.like(proof, { forgotten: 2, lost: 1, appliedTwice: 0, rememberedFrom: 4 });
});

test('a ledger keeps what was acknowledged, drops a torn line and forgets on demand', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-ledger-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'acknowledged.jsonl');
  const first = await Ledger.open(path);
  for (let round = 1; round <= 100; round += 1) first.add(`"${round}\n`, { round, value: round / 7 });
  await first.close();
  appendFileSync(path, '["torn",101,');
  const second = await Ledger.open(path);
  t.is(second.size, 100);
  t.deepEqual(second.entries.get('"50\n'), { round: 50, value: 50 / 7 });
  t.is(await second.forgetBefore(91), 90);
  second.add('new', { round: 101, value: 1 });
  await second.close();
  const third = await Ledger.open(path);
  t.is(third.size, 11);
  t.true(third.entries.has('new'));
  await third.close();
  t.is(readFileSync(path, 'utf8').split('\n').length, 12);
});

test('a damaged ledger is refused with the number of the line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-ledger-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'acknowledged.jsonl');
  appendFileSync(path, '["a",1,1]\n[[[\n["b",2,2]\n');
  await t.throwsAsync(Ledger.open(path), { message: /line 2 of .* is damaged/ });
});
