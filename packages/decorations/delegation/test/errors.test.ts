// Errors of the delegatee come back as what they were: class, code, effect and data. What this node cannot send fails here.
import {
  AbortedError,
  type AppendError,
  backoff,
  ConvergedError,
  DecorationAppendError,
  DisorientedError,
  ExiledError,
  InvalidError,
  indefinitely,
  jsonCodec,
  LostError,
  NoQuorumError,
  never,
  OverloadedError,
  PassiveError,
  RailroadedError,
  type RetryContext,
  ShutDownError,
  UnacceptableError,
} from '@paxakos/core';
import test from 'ava';
import { decodeMessage } from '../src/decode-message.ts';
import { defaultRetry } from '../src/default-retry.ts';
import { encodeMessage } from '../src/encode-message.ts';
import { errorOfWire, wireErrorOf } from '../src/wire-error.ts';
import { ledCluster, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const reasons = {
  abstentions: [{ node: 'b', data: { why: 'busy' } }],
  rejections: [{ node: 'c', data: [1] }],
  discards: [{ node: 'd', data: 'x' }],
  communicationErrors: [{ node: 'e', data: undefined }],
};

const all: readonly AppendError[] = [
  new ConvergedError('none', true),
  new ConvergedError('unknown', false),
  new LostError('none', 'b'),
  new LostError('unknown', undefined),
  new RailroadedError(7),
  new NoQuorumError('unknown', reasons),
  new UnacceptableError({ reason: new Uint8Array([1]) }),
  new PassiveError('none'),
  new DisorientedError('none'),
  new ExiledError('none'),
  new OverloadedError(5),
  new AbortedError('unknown', 'enough'),
  new DecorationAppendError('none', new Error('inner')),
  new ShutDownError('unknown'),
];

/** The error as it is at the other end. */
function sent(error: unknown): AppendError | InvalidError {
  const items = [{ type: 'failed', id: 1, error: wireErrorOf(error, jsonCodec) }] as const;
  const message = decodeMessage(encodeMessage({ type: 'answers', session: '00'.repeat(16), items }));
  if (message?.type !== 'answers' || message.items[0]?.type !== 'failed') throw new Error('it is no answer');
  return errorOfWire(message.items[0].error, 'a', jsonCodec);
}

/** All that it carries, but for its cause, which stays behind. */
const fieldsOf = (error: object): object =>
  Object.fromEntries(Object.entries(error).filter(([name]) => name !== 'cause'));

for (const error of all) {
  test(`an error travels as what it is: ${error.code}, ${error.effect}`, (t) => {
    const back = sent(error);
    t.is(back.constructor, error.constructor);
    t.deepEqual(fieldsOf(back), fieldsOf(error));
    t.is(back.name, error.name);
    t.is(back.message, `at "a": ${error.message}`);
  });
}

test('what is no error of an append is unknown, but for what says that the arguments are wrong', (t) => {
  const odd = sent(new Error('odd'));
  t.true(odd instanceof DecorationAppendError);
  t.is((odd as AppendError).effect, 'unknown');
  t.is((sent('no error') as AppendError).effect, 'unknown');
  t.true(sent(new InvalidError('entry', 1, 'do')) instanceof InvalidError);
});

test('data that is too large, or that the codec refuses, stays behind; the error comes', (t) => {
  t.is((sent(new UnacceptableError('x'.repeat(100_000))) as UnacceptableError).data, undefined);
  t.is((sent(new UnacceptableError(() => {})) as UnacceptableError).data, undefined);
  const many = { ...reasons, rejections: Array.from({ length: 1_000 }, () => ({ node: 'c', data: 1 })) };
  t.is((sent(new NoQuorumError('none', many)) as NoQuorumError).rejections.length, 64);
  t.is(sent(new DecorationAppendError('none', undefined)).message.length > 0, true);
});

test("the leader's own voter is against it: its data comes back", async (t) => {
  const cluster = new TestCluster();
  const voter = {
    contemplateProposal: (proposal: { entry(): { readonly type: string } | undefined }) =>
      proposal.entry()?.type === 'members'
        ? ({ vote: 'nay', data: { never: true } } as const)
        : ({ vote: 'yea' } as const),
  };
  await cluster.startAll({ voter });
  await cluster.lead('a');
  const error = await cluster.clock.failure(cluster.node('b').append({ id: 'm', type: 'members', ids: ['a'] }));
  t.true(error instanceof UnacceptableError);
  t.deepEqual((error as UnacceptableError).data, { never: true });
  await cluster.stopAll();
});

test('rounds that have converged are told as such', async (t) => {
  const cluster = await ledCluster();
  const error = await cluster.clock.failure(cluster.node('b').append(add(), { round: { to: 1 } }));
  t.true(error instanceof ConvergedError);
  t.is((error as ConvergedError).effect, 'none');
  t.true((error as ConvergedError).caughtUp);
  await cluster.stopAll();
});

test('an entry that is too large for the leader is refused as one', async (t) => {
  const cluster = new TestCluster();
  await cluster.startAll({ tuning: { entryBytesMax: 1_000 } });
  await cluster.lead('a');
  const large = { id: 'large', type: 'bytes', bytes: new Uint8Array(2_000) } as const;
  const error = await cluster.clock.failure(cluster.node('b').append(large));
  t.true(error instanceof InvalidError);
  t.regex((error as Error).message, /^at "a": entry is /);
  await cluster.stopAll();
});

test('what cannot travel is refused here, in the words of core', async (t) => {
  const cluster = await ledCluster();
  const b = cluster.node('b');
  const refusals: readonly [unknown, unknown, RegExp][] = [
    [add(), { leadership: 'huge' }, /^leadership is "huge"/],
    [add(), { retry: 5 }, /^retry is 5/],
    [add(), { signal: {} }, /^signal is an object/],
    [add(), { round: { from: 0 } }, /^round is /],
    [add(), { round: { at: 1 } }, /^append.round.at is 1/],
    [add(), { hurry: true }, /^append.hurry is true/],
    [{ ...add(), id: '' }, {}, /id/],
    [{ id: 'x' }, {}, /^entry.type/],
    [null, {}, /^entry is null/],
    [{ ...add(), value: Number.NaN }, {}, /NaN/],
  ];
  for (const [entry, options, words] of refusals) {
    const error = await cluster.clock.failure(b.append(entry as never, options as never));
    t.true(error instanceof InvalidError, String(error));
    t.regex((error as Error).message, words);
  }
  t.is(b.delegation.inFlight, 0);
  await cluster.stopAll();
});

test('more than may wait is refused at once, without effect; one alone always may', async (t) => {
  const cluster = new TestCluster();
  await cluster.startAll({ delegation: { queuedBytesMax: 1_000 } });
  await cluster.lead('a');
  const bytes = (count: number) => ({ id: `bytes ${count}`, type: 'bytes', bytes: new Uint8Array(count) }) as const;
  const b = cluster.node('b');
  const [first, second] = [b.append(bytes(2_000)), b.append(bytes(10))];
  const error = await cluster.clock.failure(second);
  t.true(error instanceof OverloadedError);
  t.is((error as OverloadedError).effect, 'none');
  await cluster.clock.run(first);
  await cluster.append('b', bytes(10));
  t.is(b.delegation.inFlightBytes, 0);
  await cluster.stopAll();
});

test('where an append names no policy, the one of core counts', (t) => {
  const [core, patient] = [backoff(), indefinitely()];
  for (const error of all)
    for (const attempts of [1, 2, 5, 50])
      for (const elapsedMs of [0, 29_500, 30_000, 40_000]) {
        const context: RetryContext = { attempts, error, elapsedMs, random: () => 0.75 };
        t.is(defaultRetry(context), core(context));
        t.is(defaultRetry({ ...context, elapsedMs: 0 }), patient({ ...context, elapsedMs: 0 }));
      }
});

test('the policy runs at the node that appends, with all its attempts, and what it throws is reported', async (t) => {
  const cluster = new TestCluster();
  const nays = new Set<string>();
  const voter = {
    contemplateProposal: (proposal: { entry(): { readonly id: string } | undefined }) =>
      nays.has(proposal.entry()?.id ?? '') ? ({ vote: 'nay', data: 1 } as const) : ({ vote: 'yea' } as const),
  };
  await cluster.startAll({ voter });
  await cluster.lead('a');
  const entry = add();
  nays.add(entry.id);
  const attempts: number[] = [];
  const retry = (context: RetryContext): number => {
    attempts.push(context.attempts);
    if (context.attempts === 3) nays.clear();
    t.true(context.error instanceof UnacceptableError);
    return 10;
  };
  await cluster.append('b', entry, { retry });
  t.deepEqual(attempts, [1, 2, 3]);
  t.is(cluster.landed.filter(({ at }) => at === 'a').length, 4);
  nays.add('again');
  const cause = new Error('it broke');
  const thrower = (): never => {
    throw cause;
  };
  t.true(
    (await cluster.clock.failure(cluster.node('b').append(add(1, 'again'), { retry: thrower }))) instanceof
      UnacceptableError,
  );
  t.deepEqual(
    cluster.events('b', 'hookError').map(({ hook, error }) => [hook, error]),
    [['delegation: retry', cause]],
  );
  t.true(
    (await cluster.clock.failure(cluster.node('b').append(add(1, 'again'), { retry: never }))) instanceof
      UnacceptableError,
  );
  await cluster.stopAll();
});
