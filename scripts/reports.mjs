// The test reports of all packages: `reports/ava.json` in each, with passed, failed and skipped.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifests } from './bootstrap.mjs';

const tested = () =>
  manifests()
    .map((path) => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, 'utf8')) }))
    .filter(({ manifest }) => manifest.name !== 'paxakos-monorepo' && manifest.scripts?.test !== undefined);

/** Deletes every report, so that none of an earlier run is counted. */
export function deleteReports() {
  for (const { folder } of tested()) rmSync(join(folder, 'reports'), { recursive: true, force: true });
}

/** Adds the reports up. A package whose report is missing counts as one failure, unless only some packages ran. */
export function sumReports({ all }) {
  const sum = { passed: 0, failed: 0, skipped: 0, missing: /** @type {string[]} */ ([]) };
  for (const { folder, manifest } of tested()) {
    const file = join(folder, 'reports', 'ava.json');
    if (existsSync(file)) {
      const report = JSON.parse(readFileSync(file, 'utf8'));
      for (const key of ['passed', 'failed', 'skipped']) sum[key] += report[key];
    } else if (all) {
      sum.failed += 1;
      sum.missing.push(manifest.name);
    }
  }
  return sum;
}
