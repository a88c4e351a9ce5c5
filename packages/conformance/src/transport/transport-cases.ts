import { busCases } from './bus-cases.ts';
import { deliveryCases } from './delivery-cases.ts';
import { isolationCases } from './isolation-cases.ts';
import { lifecycleCases } from './lifecycle-cases.ts';
import { loadCases } from './load-cases.ts';
import { remoteCases } from './remote-cases.ts';
import { runCase } from './run-case.ts';
import { TestBed } from './test-bed.ts';
import type { TransportCapability, TransportFixture } from './transport-fixture.ts';

/** One rule that a transport must keep. */
export interface TransportCase {
  /** The rule, in words. */
  readonly title: string;
  /** The capabilities it needs. */
  readonly requires: readonly TransportCapability[];
  /** Rejects if the transport breaks the rule, at the latest after 10 minutes. */
  run(): Promise<void>;
}

/** Title, work, and the capabilities it needs. */
export type CaseTable = readonly (readonly [
  title: string,
  work: (bed: TestBed) => Promise<void>,
  requires?: readonly TransportCapability[],
])[];

const allCases = [deliveryCases, isolationCases, loadCases, lifecycleCases, busCases, remoteCases].flat();

/**
 * The rules of the transport contract, as data for any test runner: each case makes a fixture, uses it and disposes of it.
 * Run them one after another: some measure memory. Cases that need a capability beyond `capabilities` are left out.
 */
export function transportCases(
  create: () => TransportFixture | Promise<TransportFixture>,
  capabilities: readonly TransportCapability[] = [],
): readonly TransportCase[] {
  const applies = (requires: readonly TransportCapability[]): boolean =>
    requires.every((capability) => capabilities.includes(capability));
  return allCases.flatMap(([title, work, requires = []]) => {
    const run = async (): Promise<void> =>
      runCase(title, new TestBed(await create()), async (bed) => {
        await work(bed);
        bed.checkTroubles();
      });
    return applies(requires) ? [{ title, requires, run }] : [];
  });
}
