import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DemoRun } from './demo-run.ts';

/** A sum whose module says what is wrong with it. */
export interface SumFaults {
  /** What `thaw` adds to what was frozen. */
  readonly thawed?: string;
  /** What `apply` adds to what it should. */
  readonly applied?: string;
  /** Further options of its simulation, as text. */
  readonly more?: string;
  /** What else is in the module, as text. */
  readonly beside?: string;
}

/** Writes the module of a state, and gives its path. It goes with the test. */
export function sumModule(
  t: ExecutionContext,
  { thawed = '0', applied = '0', more = '', beside = '' }: SumFaults = {},
): string {
  return moduleOf(
    t,
    `${beside}
const sum = (members, total = 0) => ({
  apply: ({ value }) => (total += value + ${applied}),
  cluster: () => members,
  freeze: () => total,
});
export const simulation = {
  state: (members) => ({ create: () => sum(members), thaw: (total) => sum(members, total + ${thawed}) }),
  workload: (id, random) => ({ id, type: 'add', value: random.below(9) }),
  ${more}
};
`,
  );
}

/** Writes a module, and gives its path. */
export function moduleOf(t: ExecutionContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-simulate-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'state.mjs');
  writeFileSync(path, text);
  return path;
}

/** How `paxakos simulate` ended. */
export interface SimulateRun {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Runs `paxakos simulate` to its end. */
export async function simulateRun(t: ExecutionContext, ...args: readonly string[]): Promise<SimulateRun> {
  const run = new DemoRun(t, ['simulate', ...args]);
  const code = await run.ended();
  return { code, out: run.out, err: run.err };
}
