// Goal: what a node serves over HTTP, with one node in this process over a network in memory.
import { request } from 'node:http';
import { createNode } from '@paxakos/core';
import { memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import test, { type ExecutionContext } from 'ava';
import { calculatorFactory } from '../src/calculator/calculator.ts';
import { calculatorCodec } from '../src/calculator/calculator-codec.ts';
import type { Answer } from '../src/node/answer.ts';
import { NodeServer } from '../src/node/node-server.ts';

async function served(t: ExecutionContext) {
  const node = await createNode({
    id: 'n1',
    state: calculatorFactory({ members: [{ id: 'n1' }] }),
    codec: calculatorCodec,
    transport: memoryNetwork().transport('n1'),
    storage: volatileStorage(),
  }).start();
  const server = new NodeServer(node);
  const url = await server.listen();
  t.teardown(async () => {
    await server.close();
    await node.stop();
  });
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/append`, { method: 'POST', body, headers });
    const text = await response.text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    return { code: response.status, lines };
  };
  return { node, url, post };
}

test('one operation gets one answer', async (t) => {
  const { post } = await served(t);
  const json = { 'content-type': 'application/json' };
  t.deepEqual(await post('{"type":"add","value":3,"id":"a"}', json), {
    code: 200,
    lines: [{ id: 'a', round: 1, value: 3 }],
  });
  t.deepEqual(await post('{"type":"add",\n"value":3,\n"id":"a"}', json), {
    code: 200,
    lines: [{ id: 'a', round: 1, value: 3, repeated: true }],
  });
  t.like((await post('mul 5\n')).lines[0], { round: 3, value: 15 });
});

test('a bad operation gets 400, a taken id 409', async (t) => {
  const { post } = await served(t);
  t.like(await post('{"type":"pow","value":3}'), { code: 400, lines: [{ error: 'INVALID' }] });
  t.like(await post('x'.repeat(70_000)), { code: 400, lines: [{ error: 'INVALID' }] });
  t.like(await post('x'.repeat(70_000), { 'content-type': 'application/json' }), { code: 400 });
  await post('{"type":"add","value":3,"id":"a"}');
  t.like(await post('{"type":"sub","value":3,"id":"a"}'), { code: 409, lines: [{ id: 'a', error: 'ID_TAKEN' }] });
});

test('an empty body gets 400, a wrong method 405 with the right one, an unknown path 404', async (t) => {
  const { url, post } = await served(t);
  for (const headers of [{}, { 'content-type': 'application/json' }]) {
    t.like(await post('', headers), { code: 400, lines: [{ error: 'INVALID' }] });
  }
  t.regex((await post('')).lines[0]?.reason ?? '', /the body is empty: send an operation, such as/);
  for (const [method, path, right] of [
    ['GET', '/append', 'POST'],
    ['PUT', '/append', 'POST'],
    ['POST', '/status', 'GET'],
    ['DELETE', '/state', 'GET'],
  ] as const) {
    const response = await fetch(`${url}${path}`, { method });
    t.is(response.status, 405);
    t.is(response.headers.get('allow'), right);
    t.like(await response.json(), {
      error: 'METHOD_NOT_ALLOWED',
      reason: `${method} is not for ${path}: use ${right}`,
    });
  }
  for (const path of ['//status', '//', '//:x', '/status/', '/Status', '/nothing?x=1']) {
    const code = await new Promise((resolve) => {
      const { port } = new URL(url);
      request({ host: '127.0.0.1', port, path }, (response) => resolve(response.resume().statusCode)).end();
    });
    t.is(code, 404, path);
  }
  t.is((await fetch(`${url}/status?x=1`)).status, 200);
});

test('lines are answered line by line, in order, and a bad one does not stop the rest', async (t) => {
  const { post } = await served(t);
  const lines = Array.from({ length: 5_000 }, (_, index) => (index === 41 ? 'what?' : 'add 1'));
  const answers = await post(`${lines.join('\n')}\n`);
  t.is(answers.code, 200);
  t.deepEqual(
    answers.lines.map(({ line }) => line),
    lines.map((_, index) => index + 1),
  );
  t.like(answers.lines[41], { line: 42, error: 'INVALID' });
  t.is(answers.lines[4_999]?.value, 4_999);
  t.deepEqual((await post('add 1', { 'content-type': 'application/x-ndjson' })).lines[0]?.line, 1);
  t.deepEqual(await post('', { 'content-type': 'application/x-ndjson' }).catch(() => 'nothing'), 'nothing');
});

test('a client that does not read its answers is not read from either', async (t) => {
  const { node, url } = await served(t);
  const outgoing = request(`${url}/append`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
  outgoing.on('error', () => {});
  outgoing.on('response', (response) => response.pause());
  const lines = `${Array.from({ length: 1_000 }, () => 'add 1').join('\n')}\n`;
  let sent = 0;
  const isFull = await new Promise<boolean>((resolve) => {
    const send = (): void => {
      if (sent >= 5_000) return resolve(false);
      sent += 1;
      if (outgoing.write(lines)) setImmediate(send);
      else {
        const timer = setTimeout(() => resolve(true), 1_000);
        outgoing.once('drain', () => {
          clearTimeout(timer);
          send();
        });
      }
    };
    send();
  });
  t.true(isFull);
  t.true(node.round < sent * 1_000);
  outgoing.destroy();
});

test('an append that fails gets 503 and says whether it may still take effect', async (t) => {
  const { node, post } = await served(t);
  await post('add 1');
  await node.eject('for the test');
  const { code, lines } = await post('{"type":"add","value":3,"id":"a"}');
  t.is(code, 503);
  t.like(lines[0], { id: 'a', error: 'PAXAKOS_DISORIENTED' });
  t.true(['none', 'unknown'].includes(lines[0]?.effect ?? ''));
});

test('state and status say how far the node is', async (t) => {
  const { url, post } = await served(t);
  await post('{"type":"add","value":3,"id":"a"}');
  const state = await fetch(`${url}/state`);
  t.is(state.headers.get('paxakos-round'), '1');
  t.is(await state.text(), '{"value":3,"base":0,"forgotten":0,"operations":[\n["a",1,"add",3,3]]}\n');
  t.like(await (await fetch(`${url}/status`)).json(), {
    id: 'n1',
    status: 'leading',
    participation: 'active',
    round: 1,
    committed: 1,
    leader: 'n1',
    value: 3,
    applied: 1,
    appended: 1,
  });
  t.is((await fetch(`${url}/nothing`)).status, 404);
});

test('a page of a browser is refused, whatever it calls this machine', async (t) => {
  const { url, post } = await served(t);
  t.is((await post('add 1', { origin: 'https://example.com' })).code, 403);
  const { port } = new URL(url);
  const code = await new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/state', headers: { host: 'evil.example' } });
    outgoing.on('response', (response) => resolve(response.resume().statusCode)).end();
  });
  t.is(code, 403);
});

test('events are told as they happen, those of the types asked for', async (t) => {
  const { url, post } = await served(t);
  t.is((await fetch(`${url}/events?types=nonsense`)).status, 400);
  const ending = new AbortController();
  const response = await fetch(`${url}/events?types=apply`, { signal: ending.signal });
  t.is(response.headers.get('content-type'), 'text/event-stream');
  await post('{"type":"add","value":3,"id":"a"}');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk);
    if (text.includes('event: apply')) break;
  }
  ending.abort();
  t.regex(text, /^event: init\ndata: \{"type":"init"/);
  t.regex(text, /event: apply\ndata: \{"type":"apply","round":1,"entry":\{.*\}\n\n$/s);
});
