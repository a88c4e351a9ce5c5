// Goal: each checker can fail. Method: a history in which all is well, and the same with one thing that is not; exactly the
// checkers named must complain.
import { InvariantViolation, StoppedError, StorageError } from '@paxakos/core';
import type { AnyLogEntry } from '@paxakos/core/contracts';
import type { SnapshotImage } from '@paxakos/core/protocol';
import test from 'ava';
import { entryOf, incarnations, led, numberOf, Scene } from './scene.ts';

const n1 = numberOf(1, 'a');
const n2 = numberOf(2, 'c');

/** What `a` has written once `place(1, 'x')` is over. */
const kept = [
  { type: 'promise', number: n1 },
  { type: 'accept', number: n1, from: 1, entries: [entryOf('x')] },
] as const;

function imageAfter(round: number, promised = n1): SnapshotImage {
  const members = ['a', 'b', 'c'].map((id) => ({ id }));
  const named = members.map(({ id }) => [id, incarnations[id] as string] as const);
  return {
    cluster: 'test',
    node: 'a',
    incarnation: incarnations['a'] as string,
    round,
    final: false,
    state: new Uint8Array(),
    founding: { members, incarnations: named },
    incarnations: named,
    reach: round + 4,
    epochs: [],
    participation: { type: 'active' },
    promised,
    greatest: promised,
    accepted: [],
  };
}

test('nobody complains where all is well', (t) => {
  const scene = led();
  const x = scene.place(1, 'x');
  const y = scene.place(2, 'y');
  scene.commit('b', n1, 1);
  scene.apply('b', 1, x, 1);
  scene.elect(n2, ['b', 'c']);
  scene.propose(n2, 2, entryOf('y'));
  scene.accept('b', n2, 2, entryOf('y'));
  scene.accept('c', n2, 2, entryOf('y'));
  scene.commit('c', n2, 2);
  scene.commit('b', n2, 2);
  scene.apply('b', 2, y, 2);
  const accept = { type: 'accept', number: n1, from: 2, entries: [entryOf('y')] } as const;
  scene.restart('a', [...kept, accept]);
  const z = scene.invoke('z');
  scene.settle(z, { kind: 'failed', code: 'PAXAKOS_LOST', effect: 'none', isFinal: true });
  scene.end();
  t.deepEqual(scene.complaints, []);
});

test('agreement: another entry for a committed round is found', (t) => {
  const scene = led();
  scene.place(1, 'x');
  scene.send('b', { type: 'entries', entries: [{ round: 1, number: n1, entry: entryOf('y') }], committed: 1 });
  t.true(scene.complainers.includes('agreement'));
});

test('agreement: a proposal that overrules a chosen entry is found (H10, H14, H68)', (t) => {
  const scene = led();
  scene.place(1, 'x');
  scene.elect(n2, ['b', 'c']);
  scene.propose(n2, 1, entryOf('y'));
  t.deepEqual(scene.complainers, ['agreement']);
});

test('agreement: two majorities for two entries are found', (t) => {
  const scene = led();
  const n0 = numberOf(0, 'b');
  scene.propose(n0, 1, entryOf('y'));
  scene.place(1, 'x');
  for (const id of ['b', 'c'])
    scene.see({
      type: 'durable',
      life: scene.life(id),
      records: [{ type: 'accept', number: n0, from: 1, entries: [entryOf('y')] }],
    });
  t.true(scene.complaints.some((complaint) => /^agreement: .*are both chosen in round 1/.test(complaint)));
});

test('integrity: an entry that nobody appended is found', (t) => {
  const scene = led();
  const entry = entryOf('x');
  scene.propose(n1, 1, entry);
  for (const id of ['a', 'b']) scene.accept(id, n1, 1, entry);
  scene.commit('a', n1, 1);
  scene.end();
  t.deepEqual(scene.complainers, ['integrity']);
});

test('integrity: an entry in two rounds is found (H51)', (t) => {
  const scene = led();
  scene.place(1, 'x');
  scene.place(2, 'x');
  scene.end();
  t.true(scene.complainers.includes('integrity'));
});

test('integrity: an entry with other fields than it was appended with is found (H62)', (t) => {
  const scene = led();
  scene.invoke('x');
  const entry = entryOf('x', { type: 'add', amount: 2 });
  scene.propose(n1, 1, entry);
  for (const id of ['a', 'b']) scene.accept(id, n1, 1, entry);
  scene.commit('a', n1, 1);
  scene.end();
  t.deepEqual(scene.complainers, ['integrity']);
});

test('promises: a promise that decreases is found (P2)', (t) => {
  const scene = led();
  scene.promise('b', n2);
  scene.write('b', { type: 'promise', number: n1 });
  t.deepEqual(scene.complainers, ['promises']);
});

test('promises: a promise that leaves before it is durable is found (P1, H3)', (t) => {
  const scene = new Scene();
  scene.write('b', { type: 'promise', number: n1 });
  const through = Number.MAX_SAFE_INTEGER;
  const incarnation = incarnations['b'] as string;
  scene.send('b', { type: 'promise', number: n1, incarnation, from: 1, through, accepted: [], committed: 0 });
  t.deepEqual(scene.complainers, ['promises']);
});

test('promises: an acceptance that leaves before it is durable is found (P1, H4)', (t) => {
  const scene = led();
  scene.propose(n1, 1, entryOf('x'));
  scene.write('b', { type: 'accept', number: n1, from: 1, entries: [entryOf('x')] });
  scene.answer('b', n1, 1);
  t.deepEqual(scene.complainers, ['promises']);
});

test('promises: a promise that was never taken on is found, though a greater one was (P1)', (t) => {
  const scene = led();
  scene.promise('b', n2);
  const message = {
    incarnation: incarnations['b'] as string,
    from: 1,
    through: Number.MAX_SAFE_INTEGER,
    accepted: [],
    committed: 0,
  };
  scene.send('b', { type: 'promise', number: n1, ...message });
  t.deepEqual(scene.complaints, []);
  scene.send('b', { type: 'promise', number: numberOf(1, 'c'), ...message });
  t.deepEqual(scene.complainers, ['promises']);
});

for (const source of ['records', 'a snapshot']) {
  test(`promises: a lesser promise after a restart from ${source} is found, written or said (P2)`, (t) => {
    const restarted = (): Scene => {
      const scene = led();
      scene.promise('a', n2);
      if (source === 'records') scene.restart('a', [{ type: 'promise', number: n2 }]);
      else scene.reopen('a', [], imageAfter(0, n2));
      t.deepEqual(scene.complaints, []);
      return scene;
    };
    const written = restarted();
    written.write('a', { type: 'promise', number: n1 });
    t.deepEqual(written.complainers, ['promises']);
    const said = restarted();
    const message = { incarnation: incarnations['a'] as string, from: 1, through: Number.MAX_SAFE_INTEGER };
    said.send('a', { type: 'promise', number: n1, ...message, accepted: [], committed: 0 });
    t.deepEqual(said.complainers, ['promises']);
  });
}

test('one value: what a storage gives back with other bytes is found, in records and in a snapshot (P4)', (t) => {
  const [promise] = kept;
  const other = { type: 'accept', number: n1, from: 1, entries: [entryOf('y')] } as const;
  const records = led();
  records.place(1, 'x');
  records.restart('a', [promise, other]);
  t.deepEqual(records.complainers, ['one value']);
  for (const id of ['x', 'y']) {
    const scene = led();
    scene.place(1, 'x');
    scene.restart('a', [], { ...imageAfter(0), accepted: [{ round: 1, number: n1, entry: entryOf(id) }] });
    t.deepEqual(scene.complainers, id === 'x' ? [] : ['one value']);
  }
});

test('agreement: a committed entry that is written down, or read back, with other bytes is found', (t) => {
  const other = { type: 'entries', entries: [{ round: 1, number: n1, entry: entryOf('y') }] } as const;
  const written = led();
  written.place(1, 'x');
  written.record('c', other);
  t.deepEqual(written.complainers, ['agreement']);
  const read = led();
  read.place(1, 'x');
  read.restart('a', [...kept, other]);
  t.deepEqual(read.complainers, ['agreement']);
});

test('one value: a number that stands for two entries is found (P4, H13)', (t) => {
  const scene = led();
  scene.propose(n1, 1, entryOf('x'));
  scene.propose(n1, 1, entryOf('y'));
  t.deepEqual(scene.complainers, ['one value']);
});

test('one value: a number that is used by another node than its own is found (H69)', (t) => {
  const scene = led();
  scene.send('b', { type: 'prepare', number: n1, from: 1 });
  t.deepEqual(scene.complainers, ['one value']);
});

test('mandate: a proposal with promises of a minority is found (P5)', (t) => {
  const scene = new Scene();
  scene.elect(n1, ['a']);
  scene.propose(n1, 1, entryOf('x'));
  t.deepEqual(scene.complainers, ['mandate']);
});

test('mandate: promises for later rounds alone do not count (P5)', (t) => {
  const scene = new Scene();
  scene.promise('a', n1);
  scene.promise('b', n1, 2);
  scene.propose(n1, 1, entryOf('x'));
  t.deepEqual(scene.complainers, ['mandate']);
});

test('mandate: a proposal with promises of another cluster is found (P5, H68)', (t) => {
  const scene = new Scene(1);
  scene.elect(n1, ['a', 'b']);
  const fields = { type: 'dismiss', node: 'b' };
  scene.see({ type: 'invoked', operation: { entry: { id: 'x', ...fields }, node: 'a', ordinal: 1 } });
  scene.propose(n1, 1, entryOf('x', fields));
  for (const id of ['a', 'b']) scene.accept(id, n1, 1, entryOf('x', fields));
  scene.commit('a', n1, 1);
  t.deepEqual(scene.complainers, []);
  scene.propose(n1, 2, entryOf('y'));
  t.deepEqual(scene.complainers, ['mandate']);
});

for (const accepts of [true, false]) {
  test(`mandate: what a leader ${accepts ? 'accepted itself is its promise' : 'did not accept itself is none'} (P5)`, (t) => {
    const scene = new Scene(1);
    scene.elect(n1, ['b', 'c']);
    const fields = { type: 'dismiss', node: 'b' };
    scene.see({ type: 'invoked', operation: { entry: { id: 'x', ...fields }, node: 'a', ordinal: 1 } });
    scene.propose(n1, 1, entryOf('x', fields));
    for (const id of accepts ? ['a', 'c'] : ['b', 'c']) scene.accept(id, n1, 1, entryOf('x', fields));
    scene.commit('a', n1, 1);
    t.deepEqual(scene.complainers, []);
    scene.propose(n1, 2, entryOf('y'));
    t.deepEqual(scene.complainers, accepts ? [] : ['mandate']);
  });
}

test('mandate: a proposal beyond the window is found (P9, H29)', (t) => {
  const scene = led();
  scene.propose(n1, 5, entryOf('x'));
  t.deepEqual(scene.complainers, ['mandate']);
});

test('quorum: a commit with one acceptance of three is found (P6, H11)', (t) => {
  const scene = led();
  scene.invoke('x');
  scene.propose(n1, 1, entryOf('x'));
  scene.accept('a', n1, 1, entryOf('x'));
  scene.commit('a', n1, 1);
  t.deepEqual(scene.complainers, ['quorum']);
});

test('quorum: acceptances under different numbers do not add up (P6, H10)', (t) => {
  const scene = led();
  scene.invoke('x');
  scene.propose(n1, 1, entryOf('x'));
  scene.accept('a', n1, 1, entryOf('x'));
  scene.elect(n2, ['b', 'c']);
  scene.propose(n2, 1, entryOf('x'));
  scene.accept('c', n2, 1, entryOf('x'));
  scene.send('c', { type: 'commit', number: n2, from: 1, ids: [entryOf('x').id] });
  t.deepEqual(scene.complainers, ['quorum']);
});

test('order of application: a round that is left out is found (P12)', (t) => {
  const scene = led();
  scene.place(1, 'x');
  const y = scene.place(2, 'y');
  scene.apply('b', 2, y, 2);
  t.deepEqual(scene.complainers, ['order of application']);
});

test('order of application: an entry that is applied twice is found (P12, H38)', (t) => {
  const scene = led();
  const x = scene.place(1, 'x');
  scene.apply('a', 1, x, 1);
  t.deepEqual(scene.complainers, ['order of application']);
});

test('order of application: events out of order are found', (t) => {
  const scene = led();
  scene.event('a', { type: 'apply', round: 1, entry: undefined, outcome: undefined, change: undefined });
  scene.event('a', { type: 'apply', round: 3, entry: undefined, outcome: undefined, change: undefined });
  t.deepEqual(scene.complainers, ['order of application']);
});

test('state equality: another state, or another outcome, is found (H61)', (t) => {
  const scene = led();
  const x = scene.place(1, 'x');
  scene.apply('b', 1, x, 7);
  t.deepEqual(scene.complainers, ['state equality']);
});

test('state equality: a snapshot that thaws to another state is found', (t) => {
  const scene = led();
  scene.place(1, 'x');
  scene.see({ type: 'thawed', life: scene.life('c'), digest: 'something else' });
  scene.event('c', { type: 'install', round: 1 });
  t.deepEqual(scene.complainers, ['state equality']);
});

test('state equality: an append that is given the outcome of another round is found', (t) => {
  const scene = led();
  const x = scene.invoke('x');
  scene.propose(n1, 1, entryOf('x'));
  for (const id of ['a', 'b']) scene.accept(id, n1, 1, entryOf('x'));
  scene.commit('a', n1, 1);
  scene.settle(x, { kind: 'applied', round: 1, outcome: 1 });
  t.deepEqual(scene.complaints, []);
  scene.settle(x, { kind: 'applied', round: 1, outcome: 2 });
  t.deepEqual(scene.complainers, ['state equality']);
  const elsewhere = led();
  const y = elsewhere.invoke('y');
  elsewhere.settle(y, { kind: 'applied', round: 1, outcome: 1 });
  t.deepEqual(elsewhere.complainers, ['state equality']);
});

test('durability: an acknowledged entry that is not in the log is found (H16)', (t) => {
  const scene = led();
  const x: AnyLogEntry = scene.invoke('x');
  scene.settle(x, { kind: 'committed', round: 1 });
  t.deepEqual(scene.complainers, ['durability']);
});

test('durability: a promise or an acceptance that is gone after a restart is found (H1, H43)', (t) => {
  const whole = led();
  whole.place(1, 'x');
  whole.restart('a', kept);
  t.deepEqual(whole.complainers, []);
  const promise = led();
  promise.restart('b', []);
  t.deepEqual(promise.complainers, ['durability']);
  const acceptance = led();
  acceptance.place(1, 'x');
  acceptance.restart('a', kept.slice(0, 1));
  t.deepEqual(acceptance.complainers, ['durability']);
});

test('durability: a snapshot that forgets a promise, or an acceptance above it, is found (P3, H36)', (t) => {
  const whole = led();
  whole.place(1, 'x');
  whole.restart('a', [], imageAfter(1));
  t.deepEqual(whole.complainers, []);
  const promise = led();
  promise.place(1, 'x');
  promise.restart('a', [], imageAfter(1, numberOf(0, 'a')));
  t.deepEqual(promise.complainers, ['durability']);
  const acceptance = led();
  acceptance.place(1, 'x');
  acceptance.restart('a', [], imageAfter(0));
  t.deepEqual(acceptance.complainers, ['durability']);
});

test('durability: a storage that comes back empty, or with another memory, is found unless its node was made to forget', (t) => {
  const identity = { type: 'identity', cluster: 'test', node: 'b', incarnation: incarnations['d'] as string } as const;
  for (const found of [[], [identity]]) {
    const wiped = led();
    wiped.reopen('b', found);
    t.deepEqual(wiped.complainers, ['durability']);
    const forgetful = led();
    forgetful.see({ type: 'forgot', node: 'b' });
    forgetful.reopen('b', found);
    t.deepEqual(forgetful.complaints, []);
    forgetful.reopen('b', found);
    t.deepEqual(forgetful.complaints, []);
  }
});

test('durability: a commit, an entry, a bid or a snapshot that is gone after a restart is found (H43)', (t) => {
  const commit = { type: 'commit', number: n1, from: 1, to: 1 } as const;
  const entries = { type: 'entries', entries: [{ round: 1, number: n1, entry: entryOf('x') }] } as const;
  const bid = { type: 'bid', number: n1 } as const;
  for (const record of [commit, entries, bid]) {
    const whole = led();
    whole.place(1, 'x');
    whole.record('a', record);
    whole.restart('a', [...kept, record]);
    whole.restart('a', [], imageAfter(1));
    t.deepEqual(whole.complaints, []);
    const gone = led();
    gone.place(1, 'x');
    gone.record('a', record);
    gone.restart('a', kept);
    t.deepEqual(gone.complainers, ['durability']);
  }
  const covered = led();
  covered.place(1, 'x');
  covered.write('a', commit);
  covered.see({ type: 'saving', life: covered.life('a') });
  covered.see({ type: 'durable', life: covered.life('a'), records: [commit] });
  covered.restart('a', kept);
  t.deepEqual(covered.complaints, []);
  covered.record('a', commit);
  covered.restart('a', kept);
  t.deepEqual(covered.complainers, ['durability']);
  const snapshot = led();
  snapshot.place(1, 'x');
  snapshot.see({ type: 'saved', life: snapshot.life('a'), image: imageAfter(1) });
  snapshot.restart('a', kept);
  t.deepEqual(snapshot.complainers, ['durability']);
});

test('honesty: an entry in the log whose append failed without effect is found (H53)', (t) => {
  const scene = led();
  const x = scene.place(1, 'x');
  scene.settle(x, { kind: 'failed', code: 'PAXAKOS_LOST', effect: 'none', isFinal: false });
  t.true(scene.complainers.includes('honesty'));
});

test('honesty: an entry that comes into the log after its append failed without effect is found (H53)', (t) => {
  const scene = led();
  const x = scene.invoke('x');
  scene.propose(n1, 1, entryOf('x'));
  scene.settle(x, { kind: 'failed', code: 'PAXAKOS_LOST', effect: 'none', isFinal: true });
  for (const id of ['a', 'b']) scene.accept(id, n1, 1, entryOf('x'));
  scene.commit('a', n1, 1);
  scene.settle(x, { kind: 'unknown' });
  t.deepEqual(scene.complainers, ['honesty']);
});

test('participation: a vote by a memory that the log does not name is found (P10, H6)', (t) => {
  const scene = led();
  scene.send('d', {
    type: 'rejection',
    number: n1,
    incarnation: incarnations['d'] as string,
    round: 1,
    data: new Uint8Array(),
  });
  t.deepEqual(scene.complainers, ['participation']);
});

test('participation: a vote by the memory of another node is found (P10)', (t) => {
  const scene = led();
  scene.send('c', {
    type: 'rejection',
    number: n1,
    incarnation: incarnations['b'] as string,
    round: 1,
    data: new Uint8Array(),
  });
  t.deepEqual(scene.complainers, ['participation']);
});

test('participation: a vote by a node that has been passive so far is found (P10, H70)', (t) => {
  const scene = led();
  scene.event('c', { type: 'activate', participation: { type: 'passive' } });
  scene.send('c', {
    type: 'rejection',
    number: n1,
    incarnation: incarnations['c'] as string,
    round: 1,
    data: new Uint8Array(),
  });
  t.deepEqual(scene.complainers, ['participation']);
});

test('invariants: a node that breaks a rule, gives up its state or finds another at fault is found', (t) => {
  const events = [
    { type: 'failure', error: new InvariantViolation('P2') },
    { type: 'failure', error: new Error('anything') },
    { type: 'eject', reason: new Error('apply threw'), round: 3 },
    { type: 'hookError', hook: 'retry', error: new Error('it threw') },
    {
      type: 'trouble',
      trouble: { type: 'refused', peer: 'b', reason: 'two entries under one number in round 1 (P4)' },
    },
  ] as const;
  for (const event of events) {
    const scene = led();
    scene.event('a', event);
    t.deepEqual(scene.complainers, ['invariants'], event.type);
  }
});

test('invariants: a storage that fails, or refuses to start or stop, is found unless its disk explains it', (t) => {
  const rows = [
    ['PAXAKOS_STORAGE_FULL', 'ENOSPC', 'EIO'],
    ['PAXAKOS_STORAGE_POISONED', 'EIO', 'ENOSPC'],
    ['PAXAKOS_STORAGE_FAILED', 'hang', 'flip'],
    ['PAXAKOS_STORAGE_CORRUPT', 'flip', 'EIO'],
  ] as const;
  for (const [code, by, other] of rows) {
    const error = new StorageError(code, 'no');
    const failures = [
      (scene: Scene) => scene.event('a', { type: 'failure', error }),
      (scene: Scene) => scene.see({ type: 'refused', life: scene.life('a'), what: 'start', error }),
    ];
    for (const fail of failures) {
      const explained = led();
      explained.see({ type: 'harmed', life: explained.life('a'), by });
      fail(explained);
      t.deepEqual(explained.complaints, [], code);
      const alone = led();
      alone.see({ type: 'harmed', life: alone.life('a'), by: other });
      alone.see({ type: 'harmed', life: alone.life('b'), by });
      fail(alone);
      t.deepEqual(alone.complainers, ['invariants'], code);
    }
    const former = led();
    former.see({ type: 'harmed', life: former.life('b'), by });
    former.restart('b', [{ type: 'promise', number: n1 }]);
    former.event('b', { type: 'failure', error });
    t.deepEqual(former.complainers, ['invariants'], code);
  }
  const shut = led();
  shut.event('a', { type: 'failure', error: new StoppedError('append') });
  t.deepEqual(shut.complainers, ['invariants']);
});

test('linearizability: an outcome that no order explains is found', (t) => {
  const scene = led();
  const x = scene.place(1, 'x');
  const y = scene.invoke('y');
  scene.settle(y, { kind: 'applied', round: 2, outcome: 1 });
  scene.end();
  t.true(scene.complainers.includes('linearizability'), `${x.id} and ${y.id}`);
});
