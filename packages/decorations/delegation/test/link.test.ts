// What a link makes of what its peer says, and does not say. Method: the peer is played by hand.
import { AbortedError, type AppendError, jsonCodec } from '@paxakos/core';
import { seeded, settle, TestClock } from '@paxakos/testing';
import test from 'ava';
import { decodeMessage } from '../src/decode-message.ts';
import { Link } from '../src/link.ts';
import type { AnswerItem, Message, RequestItem } from '../src/message.ts';
import type { Request, RequestResult } from '../src/request.ts';

const session = 'ab'.repeat(16);

function linked() {
  const clock = new TestClock();
  const sent: Message[] = [];
  const channel = {
    send: (_: unknown, bytes: Uint8Array) => void sent.push(decodeMessage(bytes) as Message),
    onMessage: () => {},
  };
  let isWanted = true;
  const link = new Link({
    peer: 'a',
    clock: clock.view(),
    random: seeded(1),
    codec: jsonCodec,
    channel,
    info: () => ({ id: 'a' }),
    isStillWanted: () => isWanted,
    times: { resendMs: () => 200, answerMs: () => 2_000, cancelMs: () => 500 },
  });
  const results: RequestResult[] = [];
  const submit = (): Request => {
    const payload = jsonCodec.encode({ type: 'add', value: 1 });
    const item = {
      leadership: 'acquire',
      mustLead: true,
      from: undefined,
      to: undefined,
      entryId: 'x',
      payload,
    } as const;
    const request: Request = {
      item,
      startedAt: clock.now,
      finish: (result) => results.push(result),
      id: 0,
      phase: 'waiting',
      askedAt: 0,
      resends: 0,
      error: undefined,
      endsAt: Number.POSITIVE_INFINITY,
    };
    link.submit(request);
    return request;
  };
  return {
    clock,
    link,
    results,
    submit,
    unwant: () => {
      isWanted = false;
    },
    answer: (...items: AnswerItem[]) => link.answers({ type: 'answers', session, items }),
    /** What was said since, and by name. */
    said: () => sent.splice(0),
    items: () =>
      sent.splice(0).flatMap((message): readonly RequestItem[] => ('items' in message ? (message.items as never) : [])),
    /** Lets the peer say that it is there. */
    welcome: async (): Promise<void> => {
      await settle();
      const [hello] = sent.splice(0);
      if (hello?.type !== 'hello') throw new Error('it did not greet');
      link.welcome({ type: 'welcome', nonce: hello.nonce, session });
    },
  };
}

function errorOf(result: RequestResult | undefined): AppendError {
  if (result?.type !== 'failed') throw new Error(`it is ${result?.type}`);
  return result.error as AppendError;
}

test('it greets until it is welcome, and sends nothing before', async (t) => {
  const { clock, link, said, submit, welcome } = linked();
  submit();
  await clock.pass(450);
  const hellos = said();
  t.deepEqual(
    hellos.map(({ type }) => type),
    ['hello', 'hello', 'hello'],
  );
  t.is(new Set(hellos.map((hello) => JSON.stringify(hello))).size, 1);
  link.welcome({ type: 'welcome', nonce: 'cd'.repeat(16), session });
  await clock.pass(200);
  await welcome();
  const [requests] = said();
  t.deepEqual(requests?.type === 'requests' && requests.items.map(({ id, type }) => [id, type]), [[1, 'append']]);
  link.close((effect) => new AbortedError(effect, undefined));
});

test('a silent peer has done nothing with what was never sent to it, and counts as gone for a while', async (t) => {
  const { clock, link, results, submit } = linked();
  submit();
  t.false(link.isGone);
  await clock.pass(2_200);
  t.deepEqual(results, [{ type: 'unreached' }]);
  t.true(link.isGone);
  t.true(link.isIdle);
  await clock.pass(2_000);
  t.false(link.isGone);
  // It is asked anew, and has as long as the first time.
  submit();
  await clock.pass(1_500);
  t.is(results.length, 1);
  await clock.pass(700);
  t.is(results.length, 2);
});

test('what the peer has forgotten is in doubt', async (t) => {
  const { answer, clock, results, submit, welcome } = linked();
  submit();
  await welcome();
  answer({ type: 'forgotten', id: 1 });
  await clock.pass(400);
  t.is(results.length, 0);
  await clock.pass(400);
  t.is(errorOf(results[0]).effect, 'unknown');
});

test('what never came is sent again, in the same words, until that seems vain; then it is called off', async (t) => {
  const { answer, clock, items, results, submit, welcome } = linked();
  submit();
  await welcome();
  const [first] = items();
  for (let count = 0; count < 8; count += 1) {
    answer({ type: 'missing', id: 1 });
    t.deepEqual(items(), [first]);
  }
  answer({ type: 'missing', id: 1 });
  t.deepEqual(items(), [{ type: 'cancel', id: 1 }]);
  t.is(results.length, 0);
  answer({ type: 'failed', id: 1, error: { code: 'PAXAKOS_ABORTED', effect: 'none', message: 'refused' } });
  t.deepEqual(results, [{ type: 'unreached' }]);
  await clock.pass(1_000);
  t.deepEqual(items(), []);
});

test('what others say, or an earlier life, answers nothing', async (t) => {
  const { clock, items, link, results, submit, welcome } = linked();
  submit();
  await welcome();
  const other = 'cd'.repeat(16);
  link.answers({ type: 'answers', session: other, items: [{ type: 'committed', id: 1, round: 5 }] });
  link.unknownSession(other);
  link.answers({ type: 'answers', session, items: [{ type: 'committed', id: 9, round: 5 }] });
  t.is(results.length, 0);
  items();
  await clock.pass(250);
  t.deepEqual(items(), [{ type: 'again', id: 1 }]);
  link.answers({ type: 'answers', session, items: [{ type: 'committed', id: 1, round: 5 }] });
  link.answers({ type: 'answers', session, items: [{ type: 'committed', id: 1, round: 6 }] });
  t.deepEqual(results, [{ type: 'committed', round: 5 }]);
});

test('all requests below the floor have come to an end, and none above it is said to have', async (t) => {
  const { answer, clock, said, submit, welcome } = linked();
  for (let count = 0; count < 3; count += 1) submit();
  await welcome();
  const floors = (): readonly unknown[] => said().map((message) => message.type === 'requests' && message.floor);
  t.deepEqual(floors(), [1]);
  answer({ type: 'committed', id: 2, round: 2 });
  await clock.pass(200);
  t.deepEqual(floors(), [1]);
  answer({ type: 'committed', id: 1, round: 1 });
  await clock.pass(200);
  t.deepEqual(floors(), [3]);
  answer({ type: 'committed', id: 3, round: 3 });
  submit();
  await settle();
  t.deepEqual(floors(), [4]);
});

test('in a new session no id is used again, and what was sent in the old one is in doubt', async (t) => {
  const { clock, items, link, results, submit, welcome } = linked();
  submit();
  await welcome();
  items();
  link.unknownSession(session);
  submit();
  await settle();
  await welcome();
  t.deepEqual(
    items().map(({ id }) => id),
    [2],
  );
  link.answers({ type: 'answers', session, items: [{ type: 'committed', id: 2, round: 9 }] });
  await clock.pass(800);
  t.is(results[0]?.type, 'committed');
  t.is(errorOf(results[1]).effect, 'unknown');
});

test('after a long silence the peer is first asked whether it is there', async (t) => {
  const { answer, clock, said, submit, welcome } = linked();
  submit();
  await welcome();
  answer({ type: 'committed', id: 1, round: 1 });
  said();
  await clock.pass(10_500);
  submit();
  await settle();
  t.deepEqual(said(), [{ type: 'requests', session, floor: 2, items: [] }]);
  answer();
  t.is(said().length, 1);
  answer({ type: 'committed', id: 2, round: 2 });
});

test('what waits moves on when another node leads', async (t) => {
  const { clock, results, submit, unwant } = linked();
  submit();
  await clock.pass(100);
  unwant();
  await clock.pass(110);
  t.deepEqual(results, [{ type: 'moved' }]);
});

test('what was sent stays while the peer speaks, whoever leads', async (t) => {
  const { answer, clock, items, results, submit, unwant, welcome } = linked();
  submit();
  await welcome();
  unwant();
  for (let count = 0; count < 30; count += 1) {
    await clock.pass(190);
    answer();
  }
  t.false(items().some(({ type }) => type === 'cancel'));
  answer({ type: 'committed', id: 1, round: 1 });
  t.deepEqual(results, [{ type: 'committed', round: 1 }]);
});
