// Goal: no result is lost or counted twice between AVA and the line of totals. Method: output as AVA and turbo print it.
import test from 'ava';
import { readResults, shownFailure } from '../totals.mjs';

const read = (...lines) => readResults([lines.map((line) => `${line}\n`).join('')]);

test('passed, failed and skipped tests are counted, and failures keep their diagnostics', async (t) => {
  const results = await read(
    '$ tsc -p tsconfig.test.json && ava --tap',
    'TAP version 13',
    'ok 1 - a',
    'not ok 2 - b',
    '  ---',
    '    name: AssertionError',
    '    message: boom',
    '  ...',
    'ok 3 - c # SKIP',
    ['not ok 4 - d # TO', 'DO'].join(''),
    'not ok 5 - e # SKIP is not honoured',
    '1..5',
  );
  t.like(results, { passed: 1, failed: 1, skipped: 3 });
  t.is(results.failures[0].title, 'b');
  t.is(results.failures[0].diagnostics.message, 'boom');
});

test('output that breaks off counts as a failure that shows its last lines', async (t) => {
  for (const lines of [
    ['src/a.ts(1,1): error TS1005'],
    ['TAP version 13', 'ok 1 - a'],
    ['TAP version 13', 'ok 1 - a', '1..2'],
    ['TAP version 13', '1..0'],
    [],
  ]) {
    const { failed, failures } = await read(...lines);
    t.is(failed, 1, lines.join('; '));
    t.regex(failures[0].title, /^the output ends after \d results/);
  }
  const { failures } = await read('src/a.ts(1,1): error TS1005');
  t.regex(failures[0].diagnostics.output, /TS1005/);
});

test('colours and lines that the tests print themselves do not disturb the count', async (t) => {
  const results = await read('TAP version 13', 'seed 42', '\u001b[32mok 1 - a\u001b[39m', '# a comment', '1..1');
  t.like(results, { passed: 1, failed: 0, skipped: 0 });
});

test('a failure is shown with its package, title and message', (t) => {
  const shown = shownFailure('core', { title: 'a', diagnostics: { message: 'one\ntwo', at: 'a.ts:1' } });
  t.regex(shown, /^✗ core › a\n {6}"message": "one\n {4}two",\n {6}"at": "a\.ts:1"$/);
  t.is(shownFailure('core', { title: 'a', diagnostics: null }), '✗ core › a');
});
