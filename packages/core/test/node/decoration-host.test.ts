// What a decoration is given: events, votes, channels, polls, commits; and that all of it ends with the node.
import test from 'ava';
import { type DecorationHost, defineDecoration, jsonCodec } from '../../src/index.ts';
import { settle } from './test-clock.ts';
import { type StartOptions, TestCluster } from './test-cluster.ts';
import { add, setMembers } from './test-state.ts';

/** A decoration that does nothing but hand out its host. */
function opened(name = 'opened'): { readonly hosts: DecorationHost[]; readonly options: StartOptions } {
  const hosts: DecorationHost[] = [];
  const decoration = defineDecoration()({
    name,
    install(host) {
      hosts.push(host);
      return {};
    },
  });
  return { hosts, options: { build: (builder) => builder.with(decoration) } };
}

async function withHosts(): Promise<{ cluster: TestCluster; hosts: readonly DecorationHost[] }> {
  const cluster = new TestCluster();
  const { hosts, options } = opened();
  await cluster.startAll(options);
  return { cluster, hosts };
}

const hostOf = (hosts: readonly DecorationHost[], index: number): DecorationHost => {
  const host = hosts[index];
  if (host === undefined) throw new Error(`there is no host ${index}`);
  return host;
};

test('the host has the node, its clock, its randomness, and a signal that ends with the node', async (t) => {
  const { cluster, hosts } = await withHosts();
  const a = hostOf(hosts, 0);
  t.is(a.node.id, 'a');
  t.is(a.clock.now(), cluster.clock.now);
  t.true(a.random() < 1);
  t.false(a.signal.aborted);
  await cluster.stop('a');
  t.true(a.signal.aborted);
  await cluster.stopAll();
});

test('the host has the codec of the node', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  const { hosts, options } = opened();
  const codec = { ...jsonCodec };
  await cluster.start('a', { ...options, codec });
  t.is(hostOf(hosts, 0).codec, codec);
  await cluster.stopAll();
});

test('a channel carries bytes between the same decoration on other nodes, and to no other', async (t) => {
  const cluster = new TestCluster();
  const { hosts, options } = opened();
  const other = opened('other');
  const heard: string[] = [];
  for (const id of cluster.ids) {
    const build = (builder: Parameters<NonNullable<StartOptions['build']>>[0]) =>
      other.options.build?.(options.build?.(builder) as never) as never;
    await cluster.start(id, { build });
  }
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  for (const [name, all] of Object.entries({ opened: hosts, other: other.hosts }))
    for (const host of all)
      for (const channel of ['news', 'gossip'])
        host
          .channel(channel)
          .onMessage(({ id }, bytes) => heard.push(`${host.node.id} ${name}/${channel} ${id} ${bytes.join()}`));
  const bytes = new Uint8Array([1, 2]);
  hostOf(hosts, 0)
    .channel('news')
    .send([{ id: 'b' }, { id: 'c' }], bytes);
  bytes.fill(9);
  await settle();
  t.deepEqual(heard.sort(), ['b opened/news a 1,2', 'c opened/news a 1,2']);
  await cluster.stopAll();
});

test('H65: a decoration reports what a function of the application threw', async (t) => {
  const { cluster, hosts } = await withHosts();
  const error = new Error('option broke');
  const { reportError } = hostOf(hosts, 1);
  reportError('intervalMs', error);
  t.deepEqual(cluster.events('b', 'hookError'), [{ type: 'hookError', hook: 'opened: intervalMs', error }]);
  await cluster.stopAll();
});

test('H65: listeners of channels and of votes that throw or reject are reported', async (t) => {
  const { cluster, hosts } = await withHosts();
  const cause = new Error('listener broke');
  const b = hostOf(hosts, 1);
  b.channel('news').onMessage(() => {
    throw cause;
  });
  b.channel('news').onMessage((async () => {
    throw cause;
  }) as never);
  hostOf(hosts, 0).onVote(() => {
    throw cause;
  });
  hostOf(hosts, 0).onVote((async () => {
    throw cause;
  }) as never);
  hostOf(hosts, 0)
    .channel('news')
    .send([{ id: 'b' }], new Uint8Array(1));
  await settle();
  t.deepEqual(
    cluster.events('b', 'hookError').map(({ hook, error }) => [hook, error]),
    [
      ['channel opened/news', cause],
      ['channel opened/news', cause],
    ],
  );
  t.is(await cluster.append('a', add()), 1);
  t.true(cluster.events('a', 'hookError').every(({ hook }) => hook === 'opened: onVote'));
  t.true(cluster.events('a', 'hookError').length >= 4);
  await cluster.stopAll();
});

test('poll calls once the node runs, then after the time that it is given, one call at a time, until undefined', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  const at: number[] = [];
  let release = (): void => {};
  let status: string | undefined;
  const polling = defineDecoration()({
    name: 'polling',
    install({ node, poll, clock }) {
      poll(async () => {
        status ??= node.status;
        at.push(clock.now());
        if (at.length === 3)
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        return at.length < 5 ? 100 : undefined;
      });
      t.deepEqual(at, [], 'not while it is installed');
      return {};
    },
  });
  await cluster.start('a', { build: (builder) => builder.with(polling) });
  await cluster.clock.pass(1_000);
  t.deepEqual(at, [0, 100, 200]);
  t.is(status, 'following');
  release();
  await cluster.clock.pass(1_000);
  t.deepEqual(at, [0, 100, 200, 1_100, 1_200]);
  t.is(cluster.pending('a'), 0);
  await cluster.stopAll();
});

test('a due timer goes off when it is due, sooner where it is told, later where that has moved, and ends with the node', async (t) => {
  const { cluster, hosts } = await withHosts();
  const { clock, dueTimer } = hostOf(hosts, 0);
  const began = clock.now();
  const at: number[] = [];
  let dueAt = began + 500;
  const timer = dueTimer(
    () => dueAt,
    () => {
      at.push(clock.now() - began);
      dueAt = at.length < 3 ? clock.now() + 300 : Number.POSITIVE_INFINITY;
    },
  );
  await cluster.clock.pass(1_000);
  t.deepEqual(at, [], 'nobody has set it');
  dueAt = began + 1_400;
  timer.arm();
  t.is(timer.armedFor, began + 1_400);
  dueAt = began + 1_200;
  timer.armSoon();
  await cluster.clock.pass(100);
  t.is(timer.armedFor, began + 1_200);
  dueAt = began + 1_250;
  await cluster.clock.pass(900);
  t.deepEqual(at, [1_250, 1_550, 1_850]);
  t.is(timer.armedFor, Number.POSITIVE_INFINITY);
  dueAt = clock.now() + 100;
  timer.arm();
  await cluster.stopAll();
  await cluster.clock.pass(1_000);
  t.is(at.length, 3);
});

test('H65: a due timer that throws is reported, and ends', async (t) => {
  const { cluster, hosts } = await withHosts();
  const cause = new Error('it broke');
  let calls = 0;
  const broken = (): number => {
    calls += 1;
    throw cause;
  };
  const { clock, dueTimer } = hostOf(hosts, 0);
  const soon = clock.now() + 10;
  const timers = [dueTimer(broken, () => {}), dueTimer(() => soon, broken), dueTimer(broken, () => {})];
  timers[0]?.arm();
  timers[1]?.arm();
  timers[2]?.armSoon();
  await cluster.clock.pass(1_000);
  for (const timer of timers) timer.arm();
  await cluster.clock.pass(1_000);
  t.is(calls, 3);
  t.deepEqual(
    cluster.events('a', 'hookError').map(({ hook, error }) => [hook, error]),
    Array.from({ length: 3 }, () => ['opened: dueTimer', cause]),
  );
  await cluster.stopAll();
});

test('H65: a poll that throws, rejects or gives nonsense is reported, and ends', async (t) => {
  const { cluster, hosts } = await withHosts();
  const a = hostOf(hosts, 0);
  const cause = new Error('poll broke');
  let calls = 0;
  a.poll(() => {
    calls += 1;
    throw cause;
  });
  a.poll(async () => {
    calls += 1;
    throw cause;
  });
  a.poll(() => {
    calls += 1;
    return Number.NaN;
  });
  await cluster.clock.pass(1_000);
  t.is(calls, 3);
  t.deepEqual(
    cluster.events('a', 'hookError').map(({ hook }) => hook),
    ['opened: poll', 'opened: poll', 'opened: poll'],
  );
  await cluster.stopAll();
});

test('H64: polls end with the node, also the one that is being awaited', async (t) => {
  const { cluster, hosts } = await withHosts();
  const a = hostOf(hosts, 0);
  let calls = 0;
  let release = (): void => {};
  a.poll(() => {
    calls += 1;
    return 10;
  });
  a.poll(async () => {
    calls += 1;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return 10;
  });
  await cluster.clock.pass(15);
  const before = calls;
  await cluster.clock.run(cluster.node('a').stop());
  t.is(cluster.pending('a'), 0);
  release();
  a.poll(() => {
    calls += 1;
    return 10;
  });
  await cluster.clock.pass(1_000);
  t.is(calls, before);
  t.is(cluster.pending('a'), 0);
  await cluster.stopAll();
});

test('awaitCommitOf resolves to the round of an entry wherever it was appended; it ends with its signal and with the node', async (t) => {
  const { cluster, hosts } = await withHosts();
  const c = hostOf(hosts, 2);
  const entry = add();
  const seen = c.awaitCommitOf(entry.id);
  await cluster.append('a', add());
  await cluster.append('a', entry);
  t.is(await cluster.clock.run(seen), 2);
  const controller = new AbortController();
  const aborted = c.awaitCommitOf('never', controller.signal);
  controller.abort('enough');
  t.like(await cluster.clock.failure(aborted), { code: 'PAXAKOS_ABORTED', effect: 'unknown', cause: 'enough' });
  t.like(await cluster.clock.failure(c.awaitCommitOf('never', AbortSignal.abort())), { code: 'PAXAKOS_ABORTED' });
  const stopped = c.awaitCommitOf('never');
  stopped.catch(() => {});
  await cluster.stop('c');
  t.like(await cluster.clock.failure(stopped), { code: 'PAXAKOS_STOPPED' });
  t.like(await cluster.clock.failure(c.awaitCommitOf('never')), { code: 'PAXAKOS_STOPPED' });
  await cluster.stopAll();
});

test('what is awaited at another decoration while one hears of the stop ends with the node, too', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  const first = opened('first');
  const second = opened('second');
  await cluster.start('a', {
    build: (builder) => second.options.build?.(first.options.build?.(builder) as never) as never,
  });
  const awaited: Promise<unknown>[] = [];
  hostOf(first.hosts, 0).signal.addEventListener('abort', () =>
    awaited.push(hostOf(second.hosts, 0).awaitCommitOf('never')),
  );
  await cluster.stop('a');
  t.is(awaited.length, 1);
  for (const wait of awaited) t.like(await cluster.clock.failure(wait), { code: 'PAXAKOS_STOPPED' });
  await cluster.stopAll();
});

test('eject gives up the state with a reason, also from within an apply event', async (t) => {
  const { cluster, hosts } = await withHosts();
  hostOf(hosts, 2).onEvent('apply', ({ round }) => {
    if (round === 2) void hostOf(hosts, 2).eject('round 2 smelled');
  });
  await cluster.append('a', add());
  await cluster.append('a', add());
  await cluster.append('a', add());
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  t.deepEqual(cluster.events('c', 'eject'), [{ type: 'eject', reason: 'round 2 smelled', round: 2 }]);
  t.is(cluster.ledger('c').log.length, 2);
  await cluster.stopAll();
});

test('appendNoop appends an entry of the protocol own: a round, and nothing for the state', async (t) => {
  const { cluster, hosts } = await withHosts();
  const commit = await cluster.clock.run(hostOf(hosts, 0).appendNoop());
  t.is(commit.round, 1);
  t.is(await cluster.clock.run(commit.applied()), undefined);
  const refused = hostOf(hosts, 1).appendNoop({ leadership: 'require', retry: () => undefined });
  t.like(await cluster.clock.failure(refused), { code: 'PAXAKOS_LOST' });
  await cluster.level();
  t.deepEqual(cluster.logs(), [[], [], []]);
  await cluster.stopAll();
});

test('aroundVoter: the last one installed is asked first, and may leave hooks to those below', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  const asked: string[] = [];
  const layer = (name: string, passes: boolean) =>
    defineDecoration()({
      name,
      install({ aroundVoter }) {
        aroundVoter((next) =>
          passes
            ? {
                contemplateProposal(proposal) {
                  asked.push(name);
                  return next.contemplateProposal(proposal);
                },
              }
            : {
                contemplateCandidate(candidacy) {
                  asked.push(`${name} candidate`);
                  return next.contemplateCandidate(candidacy);
                },
                contemplateProposal: () => {
                  asked.push(name);
                  return { vote: 'nay', data: name };
                },
              },
        );
        return {};
      },
    });
  const voter = {
    contemplateCandidate: () => {
      asked.push('application candidate');
      return { vote: 'yea' } as const;
    },
    contemplateProposal: () => {
      asked.push('application');
      return { vote: 'yea' } as const;
    },
    observeCommit: () => {},
  };
  await cluster.start('a', { voter, build: (builder) => builder.with(layer('low', false)).with(layer('top', true)) });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  t.like(await cluster.clock.failure(cluster.node('a').append(add())), { code: 'PAXAKOS_UNACCEPTABLE', data: 'low' });
  t.deepEqual(asked, ['low candidate', 'application candidate', 'top', 'low']);
  await cluster.stopAll();
});

test('the host tells the open rounds, who governs them, and the mandate from when it is won to when it is lost', async (t) => {
  const cluster = new TestCluster({ window: 4 });
  const { hosts, options } = opened();
  await cluster.start('a', options);
  const a = hostOf(hosts, 0);
  t.deepEqual(a.openRounds(), { from: 1, to: 0, committed: 0, clusters: [] });
  t.is(a.mandate(), undefined);
  for (const id of ['b', 'c']) await cluster.start(id, options);
  await cluster.append('a', add());
  t.is(a.mandate()?.number.node, 'a');
  t.is(a.mandate()?.holdsThrough, 5);
  t.like(a.openRounds(), { from: 2, to: 5, committed: 1 });
  const members = (): readonly (readonly string[])[] =>
    a.openRounds().clusters.map((each) => each.members.map(({ id }) => id));
  t.deepEqual(members(), [['a', 'b', 'c']]);
  await cluster.append('a', setMembers('a', 'b'));
  await cluster.clock.until(() => a.openRounds().from === 6);
  t.deepEqual(members(), [['a', 'b']], 'no-ops have used up the rounds before the change');
  t.is(a.openRounds().clusters[0]?.incarnations.get('b'), cluster.node('b').incarnation);
  await cluster.level('a', 'b');
  await cluster.append('b', add());
  t.is(hostOf(hosts, 1).mandate()?.number.node, 'b');
  t.is(hostOf(hosts, 1).mandate()?.inheritedThrough, 5, 'the no-ops up to the change');
  t.is(a.mandate(), undefined, 'a has promised b');
  await cluster.stop('b');
  t.is(hostOf(hosts, 1).mandate(), undefined);
  await cluster.stopAll();
});

test('what is appended while a decoration is installed waits until the node has started', async (t) => {
  const cluster = new TestCluster({ ids: ['a'], disks: true });
  const committed: number[] = [];
  const eager = defineDecoration()({
    name: 'eager',
    install({ appendNoop }) {
      void appendNoop().then(({ round }) => committed.push(round));
      return new Promise<object>((resolve) => setImmediate(() => resolve({})));
    },
  });
  for (let life = 1; life <= 2; life += 1) {
    await cluster.start('a', { build: (builder) => builder.with(eager) });
    await cluster.clock.until(() => committed.length === life);
    t.is(cluster.events('a', 'init')[0]?.round, life === 1 ? 0 : 2);
    t.is(await cluster.append('a', add()), life);
    await cluster.stop('a');
  }
  t.deepEqual(committed, [1, 3]);
});
