// Goal: the rules of the house hold in every file. Method: each rule is a pure function over paths and texts; it is run over
// the repository, and over small examples that prove that it can fail.
import test from 'ava';
import { root } from '../bootstrap.mjs';
import { repositoryFiles } from '../tidy/files.mjs';
import { importRules } from '../tidy/imports.mjs';
import { repoRules } from '../tidy/repo.mjs';
import { shapeRules } from '../tidy/shape.mjs';

const files = repositoryFiles(root);
/** An example is one file, or several. */
const filesOf = (example) => new Map(typeof example[0] === 'string' ? [example] : example);

for (const rule of [...importRules, ...shapeRules, ...repoRules]) {
  test(rule.title, (t) => {
    const problems = rule.check(files);
    t.is(problems.join('\n'), '');
  });

  test(`can fail: ${rule.title}`, (t) => {
    t.true(rule.bad.length > 0);
    for (const example of rule.bad) t.not(rule.check(filesOf(example)).length, 0, JSON.stringify(example));
    for (const example of rule.good) t.deepEqual(rule.check(filesOf(example)), [], JSON.stringify(example));
  });
}
