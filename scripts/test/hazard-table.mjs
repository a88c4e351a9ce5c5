// The table of docs/hazards.md: its rows, and the tests that it names.
import { parse, walk } from '../tidy/source.mjs';

/** `{ number, tests: [{ path, title }], note }` for each row of the table. */
export function hazardRows(markdown) {
  const rows = [];
  for (const line of markdown.split('\n')) {
    const [, number, cell] = /^\| H(\d+) \| [^|]+ \| (.+) \|$/.exec(line) ?? [];
    if (number === undefined) continue;
    const spans = [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span.split(' › '));
    const tests = spans.filter((span) => span.length === 2).map(([path, title]) => ({ path, title }));
    rows.push({ number: Number(number), tests, note: cell });
  }
  return rows;
}

const isTest = ({ type, callee }) =>
  type === 'CallExpression' &&
  (callee.name === 'test' || (callee.object?.name === 'test' && callee.property?.name === 'serial'));

/** The titles of the tests of a file, made by code or not, as they stand there; of lists of cases and mutants, every text. */
export function titlesOf(path, text) {
  const titles = new Set();
  const add = (node) => {
    if (node?.type === 'Literal' && typeof node.value === 'string') titles.add(node.value);
    if (node?.type === 'TemplateLiteral') titles.add(text.slice(node.start + 1, node.end - 1));
  };
  const isSuite = /\.test\.[mt]s$/.test(path);
  walk(parse(path, text), (node) => {
    if (!isSuite) add(node);
    else if (isTest(node)) add(node.arguments[0]);
  });
  return titles;
}

/** What is wrong with the table. `read` gives the text of a file, or nothing. */
export function hazardProblems(markdown, { last, least }, read) {
  const problems = [];
  const rows = hazardRows(markdown);
  const expected = Array.from({ length: last }, (_, index) => index + 1);
  if (rows.map(({ number }) => number).join() !== expected.join())
    problems.push(`the rows are not H1 to H${last}, in order`);
  for (const { number, tests, note } of rows) {
    if (tests.length === 0 && !/^(not covered|does not apply)\b.*: ./.test(note))
      problems.push(`H${number} names no test, nor why`);
    for (const { path, title } of tests) {
      const text = read(path);
      if (text === undefined) problems.push(`H${number}: there is no ${path}`);
      else if (!titlesOf(path, text).has(title)) problems.push(`H${number}: ${path} has no test "${title}"`);
    }
  }
  const covered = rows.filter(({ tests }) => tests.length > 0).length;
  if (covered < least) problems.push(`${covered} hazards are covered, and not ${least}`);
  return problems;
}
