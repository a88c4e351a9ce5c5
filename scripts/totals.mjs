// Adds up the results of all packages. turbo keeps the output of each task in a log, and restores the log if the task is cached.
// The tests print TAP, which `tap-parser` reads.
import { createReadStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Parser } from 'tap-parser';
import { manifests } from './bootstrap.mjs';

const logOf = (folder, task) => join(folder, '.turbo', `turbo-${task.replaceAll(':', '$colon$')}.log`);

/** Returns `{ name, log }` for each package that has this task. */
const tested = (task) =>
  manifests()
    .map((path) => ({ path, manifest: JSON.parse(readFileSync(path, 'utf8')) }))
    .filter(({ manifest }) => manifest.name !== 'paxakos-monorepo' && manifest.scripts?.[task] !== undefined)
    .map(({ path, manifest }) => ({ name: manifest.name, log: logOf(dirname(path), task) }));

/** Deletes the logs of an earlier run, so that none of its results count. */
export function deleteLogs(task) {
  for (const { log } of tested(task)) rmSync(log, { force: true });
}

/** Returns the last lines of a text. */
const tail = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');

/**
 * Reads the TAP output of one package.
 *
 * Returns `{ passed, failed, skipped, failures }`. Output that is not a whole TAP document (a test file that does not compile, a
 * run that was killed) counts as one failure.
 */
export async function readResults(input) {
  const parser = new Parser();
  const failures = [];
  let [passed, skipped, text] = [0, 0, ''];
  parser.on('assert', (result) => {
    if (result.skip || result.todo) skipped += 1;
    else if (result.ok) passed += 1;
    else failures.push({ title: result.name, diagnostics: result.diag });
  });
  const results = new Promise((resolve) => parser.on('complete', resolve));
  for await (const chunk of input) {
    text += chunk;
    parser.write(stripVTControlCharacters(String(chunk)));
  }
  parser.end();
  const { plan, count } = await results;
  if (failures.length === 0 && (plan.end === null || plan.end !== count || count === 0))
    failures.push({ title: `the output ends after ${count} results`, diagnostics: { output: tail(text, 40) } });
  return { passed, failed: failures.length, skipped, failures };
}

/** Returns the lines that show a failure: the title, and what AVA says about it. */
export function shownFailure(name, { title, diagnostics }) {
  const details = diagnostics === undefined || diagnostics === null ? '' : JSON.stringify(diagnostics, undefined, 2);
  const lines = details.replaceAll('\\n', '\n').replaceAll('\\"', '"').split('\n');
  return [`✗ ${name} › ${title}`, ...lines.filter((line) => /[^{}\s]/.test(line)).map((line) => `    ${line}`)].join(
    '\n',
  );
}

/** Prints every failure and then one line of totals. Returns whether all tests passed. */
export async function printTotals(task, { isWhole }) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, log } of tested(task)) {
    if (!isWhole && !existsSync(log)) continue;
    const input = existsSync(log) ? createReadStream(log, 'utf8') : ['it did not build, or was not started\n'];
    const { failures, ...counts } = await readResults(input);
    for (const failure of failures) console.log(shownFailure(name, failure));
    if (counts.passed + counts.failed > 0) console.log(`${name}: ${counts.passed} ok, ${counts.failed} not ok`);
    for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed === 0 && sum.passed > 0;
}
