// Goal: no result is lost or counted twice between AVA and the closing line. Method: lines as AVA prints them.
import test from 'ava';
import { tapReader } from '../tap.mjs';

function read(...lines) {
  const reader = tapReader();
  const shown = lines.map((text) => reader.line(text)).filter((text) => text !== undefined);
  return { counts: reader.counts, shown };
}

test('a passed test is counted and not shown', (t) => {
  t.deepEqual(read('TAP version 13', 'ok 1 - a', '1..1'), { counts: { passed: 1, failed: 0, skipped: 0 }, shown: [] });
});

test('a failed test is counted and shown with its diagnostics', (t) => {
  const { counts, shown } = read('not ok 1 - a', '  ---', '    message: boom', '  ...', 'ok 2 - b', '    stray: line');
  t.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
  t.deepEqual(shown, ['✗ a', '  ---', '    message: boom', '  ...']);
});

test('skipped tests and plans count as skipped, never as passed or failed', (t) => {
  const { counts } = read('ok 1 - a # SKIP', ['not ok 2 - b # TO', 'DO'].join(''));
  t.deepEqual(counts, { passed: 0, failed: 0, skipped: 2 });
});

test('a failed test whose title speaks of skipping counts as failed', (t) => {
  t.is(read('not ok 1 - a # SKIP is not honoured').counts.failed, 1);
});

test('what the tests print themselves is shown', (t) => {
  t.deepEqual(read('seed 42', 'ok 1 - a').shown, ['seed 42']);
});
