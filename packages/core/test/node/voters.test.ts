// The application's say in a node's votes: asked with what it needs, carried out, and never able to break the node.
import test from 'ava';
import {
  type Candidacy,
  type Codec,
  defineDecoration,
  jsonCodec,
  type ProposalSeen,
  type Voter,
  type VoteSeen,
} from '../../src/index.ts';
import { type StartOptions, TestCluster } from './test-cluster.ts';
import { add, type Op } from './test-state.ts';

/** Three nodes of which b and c have these voters. */
async function withVoters(
  b: Voter<Op>,
  c: Voter<Op> = {},
  a: StartOptions = {},
  others: StartOptions = {},
): Promise<TestCluster> {
  const cluster = new TestCluster({ tuning: { attemptMs: 500 } });
  await cluster.start('a', a);
  await cluster.start('b', { ...others, voter: b });
  await cluster.start('c', { ...others, voter: c });
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  return cluster;
}

/** Notes the votes that reach a node. */
function voteSeer(): { readonly votes: VoteSeen[]; readonly options: StartOptions } {
  const votes: VoteSeen[] = [];
  const seer = defineDecoration()({
    name: 'seer',
    install: ({ onVote }) => {
      onVote((vote) => votes.push(vote));
      return {};
    },
  });
  return { votes, options: { build: (builder) => builder.with(seer) } };
}

test('a voter is asked about each candidate, each proposal and each commit', async (t) => {
  const candidacies: Candidacy[] = [];
  const proposals: (ProposalSeen<Op> & { readonly seen: Op | undefined })[] = [];
  const commits: number[] = [];
  const cluster = await withVoters({
    contemplateCandidate(candidacy) {
      candidacies.push(candidacy);
      return { vote: 'yea' };
    },
    contemplateProposal(proposal) {
      proposals.push({ ...proposal, seen: proposal.entry() });
      return { vote: 'yea' };
    },
    observeCommit: (round) => commits.push(round),
  });
  const entry = add(3);
  await cluster.append('a', entry);
  await cluster.level();
  t.like(candidacies[0], { round: 1, candidate: 'a', leader: undefined });
  t.is(candidacies[0]?.number.node, 'a');
  t.like(proposals[0], { round: 1, leader: 'a', seen: { ...entry } });
  t.deepEqual(commits, [1]);
  await cluster.append('c', add());
  await cluster.level();
  t.like(candidacies[1], { round: 2, candidate: 'c', leader: 'a' });
  await cluster.append('b', add());
  t.is(candidacies.at(-1)?.candidate, 'b', 'its own candidacies are contemplated too');
  await cluster.stopAll();
});

test('an entry of the protocol own is contemplated without an entry', async (t) => {
  const entries: unknown[] = [];
  const noops = defineDecoration()({ name: 'noops', install: ({ appendNoop }) => ({ append: () => appendNoop() }) });
  const voter: Voter<Op> = {
    contemplateProposal(proposal) {
      entries.push(proposal.entry());
      return { vote: 'yea' };
    },
  };
  const cluster = await withVoters(voter, voter, { build: (builder) => builder.with(noops) });
  const { noops: api } = cluster.node('a') as never as { noops: { append(): Promise<unknown> } };
  await cluster.clock.run(api.append());
  t.deepEqual(entries, [undefined, undefined]);
  await cluster.stopAll();
});

test('onVote sees each vote that reaches the proposer, with its data and when the request left', async (t) => {
  const { votes, options } = voteSeer();
  const cluster = await withVoters(
    { contemplateProposal: () => ({ vote: 'yea', data: { lease: 500 } }) },
    {
      contemplateProposal: () => ({ vote: 'nay', data: 'no' }),
      contemplateCandidate: () => ({ vote: 'abstain', data: 7 }),
    },
    options,
  );
  await cluster.clock.pass(1_234);
  cluster.network.link('b', 'a').set({ delayMs: 40 });
  await cluster.append('a', add());
  await cluster.clock.pass(100);
  const seen = votes.map(({ kind, voter, round, data }) => ({ kind, voter, round, data }));
  t.deepEqual(
    seen.find(({ kind }) => kind === 'abstention'),
    { kind: 'abstention', voter: 'c', round: 0, data: 7 },
  );
  t.deepEqual(
    seen.find(({ kind }) => kind === 'promise'),
    { kind: 'promise', voter: 'b', round: 1, data: undefined },
  );
  t.deepEqual(
    seen.find(({ kind }) => kind === 'acceptance'),
    { kind: 'acceptance', voter: 'b', round: 1, data: { lease: 500 } },
  );
  t.deepEqual(
    seen.find(({ kind }) => kind === 'rejection'),
    { kind: 'rejection', voter: 'c', round: 1, data: 'no' },
  );
  const requested = votes.find(({ kind }) => kind === 'acceptance')?.requestedAt ?? Number.NaN;
  t.true(requested <= cluster.clock.now - 40, 'the time that the answer took is before it');
  t.true(requested >= 1_234);
  t.true(votes.every(({ voter, incarnation }) => incarnation === cluster.node(voter).incarnation));
  await cluster.stopAll();
});

test('a minority against a proposal does not stop it', async (t) => {
  const cluster = await withVoters({ contemplateProposal: () => ({ vote: 'nay' }) });
  t.is(await cluster.append('a', add()), 1);
  await cluster.level();
  t.deepEqual(cluster.logs('b'), cluster.logs('a'));
  await cluster.stopAll();
});

test('a nay delays a proposal and need not stop it: it is proposed until it is settled', async (t) => {
  let refusals = 0;
  const voter: Voter<Op> = {
    contemplateProposal() {
      refusals += 1;
      return { vote: refusals < 6 ? 'nay' : 'yea' };
    },
  };
  const cluster = await withVoters(voter, voter);
  t.is(await cluster.append('a', add()), 1);
  await cluster.stopAll();
});

const broken: readonly (readonly [what: string, voter: Voter<Op>])[] = [
  [
    'throws',
    {
      contemplateCandidate() {
        throw new Error('voter broke');
      },
      contemplateProposal() {
        throw new Error('voter broke');
      },
      observeCommit() {
        throw new Error('voter broke');
      },
    },
  ],
  [
    'gives a promise that rejects',
    {
      contemplateCandidate: (() => Promise.reject(new Error('voter broke'))) as never,
      contemplateProposal: (() => Promise.reject(new Error('voter broke'))) as never,
      observeCommit: (() => Promise.reject(new Error('voter broke'))) as never,
    },
  ],
  [
    'gives nothing',
    { contemplateCandidate: (() => undefined) as never, contemplateProposal: (() => ({ vote: 'perhaps' })) as never },
  ],
  [
    'gives data that cannot be encoded',
    {
      contemplateCandidate: () => ({ vote: 'abstain', data: () => {} }),
      contemplateProposal: () => ({ vote: 'yea', data: Symbol('no') }),
    },
  ],
];

/** A decoration that looks at votes, and takes what is not against for a yea. */
const looking = defineDecoration()({
  name: 'looking',
  install({ aroundVoter }) {
    aroundVoter((next) => ({
      contemplateCandidate(candidacy) {
        const vote = next.contemplateCandidate(candidacy);
        return vote.vote === 'abstain' ? vote : { vote: 'yea' };
      },
      contemplateProposal(proposal) {
        const vote = next.contemplateProposal(proposal);
        return vote.vote === 'nay' ? vote : { vote: 'yea', data: vote.data };
      },
    }));
    return {};
  },
});

const places: readonly (readonly [where: string, options: StartOptions])[] = [
  ['', {}],
  [' below a decoration', { build: (builder) => builder.with(looking) }],
];
const misplaced = broken.flatMap(([what, voter]) => places.map(([where, below]) => ({ what, voter, where, below })));

for (const { what, voter, where, below } of misplaced) {
  test(`H65: a voter${where} that ${what} counts as against, and is reported`, async (t) => {
    const cluster = await withVoters(voter, {}, {}, below);
    t.is(await cluster.append('a', add()), 1);
    cluster.network.cut('c');
    t.like(await cluster.clock.failure(cluster.node('a').append(add(), { retry: () => undefined })), {
      code: 'PAXAKOS_NO_QUORUM',
      effect: 'unknown',
    });
    const hooks = new Set(cluster.events('b', 'hookError').map(({ hook }) => hook));
    t.true(hooks.has('voter.contemplateProposal'));
    t.true(hooks.has('voter.contemplateCandidate'));
    cluster.network.heal();
    await cluster.level();
    t.deepEqual(cluster.logs('b'), cluster.logs('a'));
    if (voter.observeCommit !== undefined) t.true(hooks.has('voter.observeCommit'));
    await cluster.stopAll();
  });
}

test('H62: the bytes of a vote are its own, whatever the codec goes on writing to', async (t) => {
  const { votes, options } = voteSeer();
  const shared = new Uint8Array(65_536);
  const codec: Codec = {
    encode(value) {
      const bytes = jsonCodec.encode(value);
      shared.set(bytes);
      return shared.subarray(0, bytes.length);
    },
    decode: (bytes) => jsonCodec.decode(bytes),
  };
  const cluster = new TestCluster({ disks: true });
  await cluster.start('a', options);
  const voter: Voter<Op> = { contemplateProposal: ({ round }) => ({ vote: 'yea', data: `round ${round}` }) };
  await cluster.start('b', { voter, codec });
  await cluster.start('c');
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  await Promise.all([1, 2, 3].map(() => cluster.append('a', add())));
  await cluster.clock.pass(100);
  t.deepEqual(
    votes.filter(({ kind, voter: id }) => kind === 'acceptance' && id === 'b').map(({ data }) => data),
    ['round 1', 'round 2', 'round 3'],
  );
  await cluster.stopAll();
});
