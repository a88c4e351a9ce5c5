// Goal: docs/hazards.md tells the truth: each hazard has its row, and each test that it names is there. Method: the titles are read
// from the sources of the tests.
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { hazardProblems } from './hazard-table.mjs';

const root = new URL('../../', import.meta.url);

function read(path) {
  const url = new URL(path, root);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

test('each hazard has a row, each test that it names exists, and at least 60 hazards are covered', (t) => {
  t.deepEqual(hazardProblems(read('docs/hazards.md'), { last: 99, least: 65 }, read), []);
});

const suite = `import test from 'ava';
test('one', () => {});
test.serial(\`two \${name}\`, () => {});
// three
f('four');
`;
const problemsOf = (...rows) =>
  hazardProblems(rows.join('\n'), { last: 2, least: 1 }, (path) => (path === 'a.test.ts' ? suite : undefined));

test('a title is that of a test, as it stands in the source', (t) => {
  t.deepEqual(
    problemsOf(`| H1 | a | \`a.test.ts › one\`, \`a.test.ts › two \${name}\` |`, '| H2 | b | not covered: yet |'),
    [],
  );
  for (const title of ['on', 'two b', 'three', 'four']) {
    const problems = problemsOf(
      `| H1 | a | \`a.test.ts › one\`, \`a.test.ts › ${title}\` |`,
      '| H2 | b | does not apply: c |',
    );
    t.deepEqual(problems, [`H1: a.test.ts has no test "${title}"`]);
  }
});

test('a row that is missing, out of order, without a test or a reason, or of a file that is gone is reported', (t) => {
  const good = '| H1 | a | `a.test.ts › one` |';
  t.regex(problemsOf(good)[0], /not H1 to H2/);
  t.regex(problemsOf('| H2 | b | not covered: yet |', good)[0], /in order/);
  t.regex(problemsOf(good, '| H2 | b | not covered |')[0], /H2 names no test, nor why/);
  t.regex(problemsOf(good, '| H2 | b | soon |')[0], /H2 names no test, nor why/);
  t.regex(problemsOf(good, '| H2 | b | `b.test.ts › one` |')[0], /there is no b\.test\.ts/);
  t.regex(problemsOf('| H1 | a | not covered: c |', '| H2 | b | not covered: c |')[0], /0 hazards are covered/);
});
