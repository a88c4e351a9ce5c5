import type { AnyState, EntryOf, StateFactory, Tuning } from '@paxakos/core';
import { type AnyLogEntry, type Codec, type Consistency, InvalidError, type NodeInfo } from '@paxakos/core/contracts';
import type { Application, SimulatedRead, WorkloadRandom } from './application.ts';
import { checkerNames } from './checkers/checkers-for.ts';
import type { Changes } from './nemesis.ts';
import type { PlanLimits } from './plan.ts';
import { type ProfileName, profileNames } from './profile-name.ts';
import type { Seeded } from './seeded.ts';
import { type SequentialModel, sequentialModels } from './sequential-model.ts';
import { testbedChanges, testbedEntry, testbedRead } from './testbed-entry.ts';
import { testbedFactory } from './testbed-state.ts';

/** How long the faults of a run last, in milliseconds of the world. */
export const horizonMsDefault = 8_000;

/** What to simulate. */
export interface SimulationOptions<S extends AnyState = AnyState, Apis extends object = object>
  extends Application<S, Apis> {
  /** Decides everything: an integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Makes the state of a cluster with these founders, and with this window, if it has one. Default: a testbed. */
  readonly state?: (founders: readonly NodeInfo[], concurrency: number) => StateFactory<S, ReturnType<S['freeze']>>;
  /** Makes the next entry to append; its id must be `id`. Needed where there is a `state`. */
  readonly workload?: (id: string, random: WorkloadRandom) => EntryOf<S>;
  /** Throws where a state is not as it must ever be. Called after each entry, at each node. */
  readonly invariant?: (state: S) => void;
  /** A short text that is the same for equal states. Default: what `freeze` gives, encoded. */
  readonly digest?: (state: S) => string;
  /** Entries that change the cluster; without them it stays as it is. */
  readonly changes?: Partial<Changes>;
  /** Objects that the state consists of, for the linearizability checker. Default: those of the testbed, where it is run. */
  readonly models?: readonly SequentialModel[];
  /** Makes the next read, of an entry's kind that a model knows. Default: of the testbed's registers, where it is run. */
  readonly reads?: (id: string, random: WorkloadRandom) => SimulatedRead<S>;
  /** How fresh the reads must be, each as often as the others. Default: `['linearizable']`. */
  readonly consistencies?: readonly Consistency[];
  /** Checkers by name, such as `'state equality'`, that are not asked. Default: none. */
  readonly unchecked?: readonly string[];
  /** Whether an operator gives snapshots to nodes that need one when the faults are over. Default: true. */
  readonly rescues?: boolean;
  /** Whether nothing is appended at nodes once the faults are over before one leads by itself. Default: false. */
  readonly leadsAlone?: boolean;
  readonly codec?: Codec;
  /** As of a node; what is not here is as the seed says. */
  readonly tuning?: Partial<Tuning>;
  /** How rough it is. Default: `'rough'`. */
  readonly profile?: ProfileName;
  /** How many founders, from 1 to 7. Default: as the seed says. */
  readonly nodes?: number;
  /** How long the faults last, in milliseconds of the world. Default: 8,000. */
  readonly horizonMs?: number;
  /** Which of the planned faults happen, by their place in the plan. Default: all. */
  readonly keep?: readonly number[];
  /** Called with each line of the whole transcript. */
  readonly onLine?: (line: string) => void;
}

/** Options with every default filled in. */
export interface CheckedSimulation {
  readonly seed: number;
  readonly state: (founders: readonly NodeInfo[], concurrency: number) => StateFactory<AnyState>;
  readonly workload: (id: string, random: Seeded) => AnyLogEntry;
  readonly invariant: ((state: AnyState) => void) | undefined;
  readonly digest: ((state: AnyState) => string) | undefined;
  readonly changes: Partial<Changes>;
  readonly models: readonly SequentialModel[];
  readonly reads: ((id: string, random: Seeded) => SimulatedRead<AnyState>) | undefined;
  readonly consistencies: readonly Consistency[];
  readonly unchecked: readonly string[];
  readonly rescues: boolean;
  readonly leadsAlone: boolean;
  readonly tuning: Partial<Tuning>;
  readonly application: Application<AnyState, object>;
  readonly codec: Codec | undefined;
  readonly limits: PlanLimits;
  readonly nodes: number | undefined;
  readonly keep: readonly number[] | undefined;
  readonly onLine: ((line: string) => void) | undefined;
}

/** Fills in the defaults. Throws `InvalidError` where an option is not what it must be. */
export function checkedSimulation<S extends AnyState, Apis extends object>(
  options: SimulationOptions<S, Apis>,
): CheckedSimulation {
  const { seed, state, workload, profile = 'rough', nodes, horizonMs = horizonMsDefault } = options;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InvalidError('seed', seed, 'give an integer from 0 to 2^53 - 1');
  if ((state === undefined) !== (workload === undefined))
    throw new InvalidError('workload', workload, 'give a state and its workload, or neither for the testbed');
  if (!profileNames.includes(profile))
    throw new InvalidError('profile', profile, `give one of ${profileNames.join(', ')}`);
  if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 7))
    throw new InvalidError('nodes', nodes, 'give an integer from 1 to 7');
  if (!(horizonMs >= 0 && horizonMs <= 3_600_000))
    throw new InvalidError('horizonMs', horizonMs, 'give milliseconds of the world, from 0 to 3,600,000');
  checkLists(options);
  const changes = options.changes ?? (state === undefined ? testbedChanges : {});
  return {
    seed,
    state: (state ?? testbedOf) as CheckedSimulation['state'],
    workload: (workload ?? testbedEntry) as CheckedSimulation['workload'],
    invariant: options.invariant as CheckedSimulation['invariant'],
    digest: options.digest as CheckedSimulation['digest'],
    changes,
    models: options.models ?? (state === undefined ? sequentialModels : []),
    reads: (options.reads ?? (state === undefined ? testbedRead : undefined)) as CheckedSimulation['reads'],
    consistencies: options.consistencies ?? ['linearizable'],
    unchecked: options.unchecked ?? [],
    rescues: options.rescues ?? true,
    leadsAlone: options.leadsAlone ?? false,
    tuning: options.tuning ?? {},
    application: options as unknown as CheckedSimulation['application'],
    codec: options.codec,
    limits: {
      profile,
      nodes,
      horizonMs,
      canAdmit: changes.admit !== undefined && changes.dismiss !== undefined,
      canResize: changes.window !== undefined,
    },
    nodes,
    keep: options.keep,
    onLine: options.onLine,
  };
}

function checkLists({
  consistencies = ['stale'],
  unchecked = [],
}: Pick<SimulationOptions, 'consistencies' | 'unchecked'>): void {
  if (consistencies.length === 0 || consistencies.some((consistency) => !known.includes(consistency)))
    throw new InvalidError('consistencies', consistencies.join(), `give one or more of ${known.join(', ')}`);
  const stranger = unchecked.find((name) => !checkerNames.includes(name));
  if (stranger !== undefined)
    throw new InvalidError('unchecked', stranger, `give names of checkers: ${checkerNames.join(', ')}`);
}

const known: readonly Consistency[] = ['stale', 'linearizable', 'lease', 'laxLease'];

function testbedOf(founders: readonly NodeInfo[], concurrency: number): StateFactory<AnyState> {
  return testbedFactory(
    founders.map(({ id }) => id),
    concurrency,
  ) as StateFactory<AnyState>;
}
