// What core's own tests are run with by core-suite.test.ts: all ten decorations, in the order of the preset, on each node.
import type { CatchUp } from '@paxakos/catch-up';
import { type AnyState, defineDecoration, required } from '@paxakos/core';
import { LeaseTable } from '@paxakos/leaser';
import type { Features } from '../src/preset/features.ts';
import { loadFeatures } from '../src/preset/load-features.ts';

/** The states of these tests have no leases: each has an empty table beside it. */
const tables = new WeakMap<AnyState, LeaseTable>();

function tableOf(state: AnyState): LeaseTable {
  const table = tables.get(state) ?? new LeaseTable();
  tables.set(state, table);
  return table;
}

/** A time that no test lasts for. */
const quietMs = 1e9;

/** As applications have them: what is appended at any node goes to the leader. */
const usual: Features<AnyState> = { masterLeases: { leaseMs: 10 }, leaser: { table: tableOf } };

/** None appends anything by itself, and most of what is appended stays at its node. */
const quiet: Features<AnyState> = {
  ...usual,
  heartbeats: { intervalMs: quietMs },
  autofill: { delayMs: quietMs },
  ensureLeadership: { intervalMs: quietMs },
  catchUp: { stalledMs: 86_400_000 },
  verify: { intervalMs: Number.POSITIVE_INFINITY },
  delegation: { delegatee: ({ leader, attempts }) => (attempts > 3 ? leader : undefined) },
};

const decorations = await loadFeatures<AnyState>(process.env['PAXAKOS_TEST_QUIET'] === undefined ? usual : quiet);

/** Nobody gives snapshots: the tests repair what they break, and look at it before. */
const keeping = defineDecoration()({
  name: 'keeping',
  needs: { catchUp: required<CatchUp>() },
  install({ uses }) {
    uses.catchUp.vet(() => false);
    return {};
  },
});

interface Builder {
  with(decoration: object): Builder;
}

/** Installs all of them. Each is made once, and serves every node. */
export function decorate(builder: Builder): Builder {
  return [...decorations, keeping].reduce((below, decoration) => below.with(decoration), builder);
}
