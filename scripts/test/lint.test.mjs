// Goal: the code is formatted and free of what linters find. Method: run them over the whole repository; an example proves
// that a forgotten promise, the fault that matters most here, is found.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { binPath, root } from '../bootstrap.mjs';
import { run, succeeds } from './workspace.mjs';

test('biome finds nothing to format and nothing to mend', async (t) => {
  await succeeds(t, binPath('biome'), ['check', '--error-on-warnings', '--colors=off']);
});

test('oxlint, with types, finds nothing to mend', async (t) => {
  await succeeds(t, binPath('oxlint'), ['--type-aware', '--deny-warnings']);
});

const forgotten = `const save = async (): Promise<void> => {};
save();
[1].forEach(async () => save());
export {};
`;

test('oxlint finds a promise that nobody awaits, and one where none is expected', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-lint-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.ts'), forgotten);
  writeFileSync(join(folder, 'tsconfig.json'), '{"compilerOptions":{"strict":true},"files":["a.ts"]}');
  const args = ['--type-aware', '--config', join(root, '.oxlintrc.json'), 'a.ts'];
  const { code, output } = await run(binPath('oxlint'), args, { cwd: folder });
  t.not(code, 0);
  t.regex(output, /no-floating-promises/);
  t.regex(output, /no-misused-promises/);
});
