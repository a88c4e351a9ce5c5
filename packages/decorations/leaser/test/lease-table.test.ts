// The lease table as part of a state. Method: entries go in, and outcomes and what it holds come out; property tests against a
// model that is a plain list.
import test from 'ava';
import fc from 'fast-check';
import { type LeaseClaim, type LeaseEntry, LeaseTable, type TakeEntry } from '../src/index.ts';

let ids = 0;
const id = (): string => {
  ids += 1;
  return `e${ids}`;
};
const take = (claim: string, { name = 'x', holder = 'a', durationMs = 1_000, queue = true } = {}): TakeEntry => ({
  id: id(),
  type: 'lease/take',
  name,
  claim,
  holder,
  durationMs,
  queue,
});
const extend = (token: number, name = 'x') => ({ id: id(), type: 'lease/extend', name, token }) as const;
const release = (claim: string, name = 'x') => ({ id: id(), type: 'lease/release', name, claim }) as const;
const clear = (extension: number, name = 'x') => ({ id: id(), type: 'lease/clear', name, extension }) as const;

/** Whatever it is. */
const apply = (table: LeaseTable, entry: unknown): unknown => table.apply(entry as LeaseEntry);

test('a free lease is held at once, with a token; a held one is waited for in the order of asking', (t) => {
  const table = new LeaseTable();
  const one = table.apply(take('one'));
  t.like(one, { name: 'x', claim: 'one', holder: 'a', durationMs: 1_000 });
  t.true((one?.token ?? 0) > 0);
  for (const claim of ['two', 'three', 'four']) t.is(table.apply(take(claim))?.token, undefined);
  t.deepEqual(
    table.waitersFor('x').map(({ claim }) => claim),
    ['two', 'three', 'four'],
  );
  t.true(table.apply(release('three')));
  t.true(table.apply(release('one')));
  t.is(table.holderOf('x')?.claim, 'two');
  t.true(table.apply(release('two')));
  t.is(table.holderOf('x')?.claim, 'four');
  t.true(table.apply(release('four')));
  t.is(table.holderOf('x'), undefined);
  t.is(table.size, 0);
});

test('names do not meet', (t) => {
  const table = new LeaseTable();
  const tokens = ['x', 'y', '__proto__', 'constructor'].map((name) => table.apply(take('one', { name }))?.token);
  t.is(new Set(tokens).size, 4);
  t.false(tokens.includes(undefined));
});

test('a claim that is taken twice is taken once, and extended', (t) => {
  const table = new LeaseTable();
  const first = table.apply(take('one'));
  const again = table.apply(take('one'));
  t.is(again?.token, first?.token);
  t.true((again?.extension ?? 0) > (first?.extension ?? 0));
  t.deepEqual(table.waitersFor('x'), []);
  const waiting = table.apply(take('two'));
  t.true((table.apply(take('two'))?.extension ?? 0) > (waiting?.extension ?? 0));
  t.is(table.size, 2);
});

test('who will not queue is refused where another one holds it', (t) => {
  const table = new LeaseTable();
  t.not(table.apply(take('one', { queue: false })), undefined);
  t.is(table.apply(take('two', { queue: false })), undefined);
  t.not(table.apply(take('one', { queue: false })), undefined);
  t.is(table.size, 1);
});

test('only the token that holds a lease extends it', (t) => {
  const table = new LeaseTable();
  const one = table.apply(take('one')) as Required<LeaseClaim>;
  table.apply(take('two'));
  t.true((table.apply(extend(one.token))?.extension ?? 0) > one.extension);
  t.is(table.apply(extend(one.token + 1_000)), undefined);
  t.is(table.apply(extend(one.token, 'y')), undefined);
  table.apply(release('one'));
  t.is(table.apply(extend(one.token)), undefined);
  t.is(table.apply(extend(undefined as never)), undefined);
});

test('a clear names the extension that it saw: one that got in first wins, and each takes effect once', (t) => {
  const table = new LeaseTable();
  const one = table.apply(take('one')) as Required<LeaseClaim>;
  table.apply(take('two'));
  const later = table.apply(extend(one.token)) as LeaseClaim;
  t.false(table.apply(clear(one.extension)));
  t.is(table.holderOf('x')?.claim, 'one');
  t.true(table.apply(clear(later.extension)));
  t.false(table.apply(clear(later.extension)));
  t.is(table.holderOf('x')?.claim, 'two');
  table.apply(take('one'));
  t.false(table.apply(clear(one.extension)));
  t.false(table.apply(clear(later.extension)));
  t.is(table.size, 2);
});

test('a waiter whose time is over is cleared from the midst of the line', (t) => {
  const table = new LeaseTable();
  table.apply(take('one'));
  const two = table.apply(take('two')) as LeaseClaim;
  table.apply(take('three'));
  t.true(table.apply(clear(two.extension)));
  table.apply(release('one'));
  t.is(table.holderOf('x')?.claim, 'three');
});

test('malformed entries change nothing and throw nothing', (t) => {
  const table = new LeaseTable();
  table.apply(take('one'));
  const before = table.freeze();
  const wrong: unknown[] = [undefined, null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '', {}, 'x'.repeat(2_000)];
  for (const value of wrong) {
    t.is(apply(table, { ...take('two', { name: 'y' }), durationMs: value }), undefined);
    if (value === 0 || value === -1 || Number.isNaN(value)) continue;
    for (const field of ['name', 'claim', 'holder'])
      t.is(apply(table, { ...take('two', { name: 'y' }), [field]: value }), undefined);
    for (const entry of [extend(1), release('one'), clear(1)])
      for (const field of ['name', 'token', 'claim', 'extension'])
        if (field in entry) t.falsy(apply(table, { ...entry, [field]: value }));
  }
  t.deepEqual(table.freeze(), before);
});

test('a table refuses more claims than it may hold, and takes others once some are gone', (t) => {
  const table = new LeaseTable();
  for (let at = 0; at < 65_536; at += 1) table.apply(take('one', { name: `n${at}` }));
  t.is(table.size, 65_536);
  t.is(table.apply(take('one')), undefined);
  t.not(table.apply(take('one', { name: 'n5' })), undefined);
  table.apply(release('one', 'n5'));
  t.not(table.apply(take('one')), undefined);
});

const name = fc.constantFrom('x', 'y');
const claim = fc.constantFrom('one', 'two', 'three', 'four');
const number = fc.integer({ min: 0, max: 40 });
const entry: fc.Arbitrary<LeaseEntry> = fc.oneof(
  fc.record({ name, claim, queue: fc.boolean() }).map(({ claim: who, ...rest }) => take(who, rest)),
  fc.record({ name, number }).map((of) => extend(of.number, of.name)),
  fc.record({ name, claim }).map((of) => release(of.claim, of.name)),
  fc.record({ name, number }).map((of) => clear(of.number, of.name)),
);

/** The tokens that a table gives while it applies these, in their order. */
function tokensOf(table: LeaseTable, entries: readonly LeaseEntry[], onEach: () => void = () => {}): number[] {
  const tokens: number[] = [];
  const held = new Set(['x', 'y'].map((of) => table.holderOf(of)?.token));
  for (const one of entries) {
    table.apply(one);
    onEach();
    for (const of of ['x', 'y']) {
      const token = table.holderOf(of)?.token;
      if (token !== undefined && !held.has(token)) tokens.push(token);
      held.add(token);
    }
  }
  return tokens;
}

test('H26: tokens strictly grow, whatever happens, also over freeze and thaw at any moment', (t) => {
  const property = fc.property(fc.array(entry, { maxLength: 60 }), fc.nat(), (entries, cut) => {
    const at = cut % (entries.length + 1);
    const table = new LeaseTable();
    const before = tokensOf(table, entries.slice(0, at));
    const thawed = new LeaseTable(JSON.parse(JSON.stringify(table.freeze())));
    const tokens = [...before, ...tokensOf(thawed, entries.slice(at))];
    t.true(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as number)));
    // A table that was not thawed in between is the same.
    const whole = new LeaseTable();
    t.deepEqual(tokensOf(whole, entries), tokens);
    t.deepEqual(whole.freeze(), thawed.freeze());
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('a line has one holder, first, and every claim once; extension numbers are never used twice', (t) => {
  const property = fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
    const table = new LeaseTable();
    const uses = new Map<number, string>();
    tokensOf(table, entries, () => {
      const claims = [...table.claims()];
      t.is(claims.length, table.size);
      t.is(new Set(claims.map((of) => `${of.name}/${of.claim}`)).size, claims.length);
      for (const of of ['x', 'y']) {
        const [first, ...rest] = claims.filter((other) => other.name === of);
        t.true(first === undefined || first.token !== undefined);
        t.true(rest.every((waiter) => waiter.token === undefined));
      }
      for (const { extension, claim: who, name: of } of claims) {
        t.is(uses.get(extension) ?? `${of}/${who}`, `${of}/${who}`);
        uses.set(extension, `${of}/${who}`);
      }
    });
  });
  t.notThrows(() => fc.assert(property, { numRuns: 200 }));
});

test('what was frozen does not change afterwards', (t) => {
  const table = new LeaseTable();
  table.apply(take('one'));
  const frozen = table.freeze();
  const text = JSON.stringify(frozen);
  table.apply(take('two'));
  table.apply(take('one'));
  table.apply(release('one'));
  t.is(JSON.stringify(frozen), text);
});
