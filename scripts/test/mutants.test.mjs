// Goal: the list of mutants does not rot. Method: the text of each is looked for in its file.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { allMutants } from '../mutants/all-mutants.mjs';
import { mutated } from '../mutants/mutants-of.mjs';

const root = new URL('../../', import.meta.url);

test('each mutant finds its text exactly once, and changes it', (t) => {
  for (const mutant of allMutants) {
    const source = readFileSync(new URL(mutant.file, root), 'utf8');
    t.notThrows(() => mutated(mutant, source));
    t.not(mutant.text, mutant.replacement, mutant.title);
  }
});

test('there are at least 40 mutants, each with a rule or hazard and a title of its own', (t) => {
  t.true(allMutants.length >= 40, `${allMutants.length}`);
  t.is(new Set(allMutants.map(({ title }) => title)).size, allMutants.length);
  t.deepEqual(
    allMutants.filter(({ title }) => !/^[HP]\d+ /.test(title)),
    [],
  );
});

test('a text that is gone, or stands twice, is reported', (t) => {
  const mutant = { title: 'H1 a', file: 'a.ts', text: 'b', replacement: 'c' };
  t.is(mutated(mutant, 'abd'), 'acd');
  t.throws(() => mutated(mutant, 'ad'), { message: /0 times/ });
  t.throws(() => mutated(mutant, 'abb'), { message: /2 times/ });
});
