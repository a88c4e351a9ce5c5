// The files of the repository: what git tracks, and what it would.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const isText = (bytes) => !bytes.subarray(0, 8_000).includes(0);

/** Every text file below `root` that git doesn't ignore: path → text. */
export function repositoryFiles(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const files = new Map();
  for (const path of new Set(listed.toString().split('\0'))) {
    const stat = path === '' ? undefined : statSync(join(root, path), { throwIfNoEntry: false });
    if (!stat?.isFile()) continue;
    const bytes = readFileSync(join(root, path));
    if (isText(bytes)) files.set(path, bytes.toString());
  }
  return files;
}
