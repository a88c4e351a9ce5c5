import { InvalidError, type OfState } from '@paxakos/core/contracts';

/** What a releaser looks at: a `LeaseTable` of `@paxakos/leaser`, or what is like it. */
export interface Claims {
  /** All claims, held or waiting. `extension` changes whenever one is taken or extended, and is never used twice. */
  claims(): Iterable<{ readonly name: string; readonly durationMs: number; readonly extension: number }>;
}

/** How to release. All times are in milliseconds; a function of the state is asked each time. */
export interface ReleaserOptions<S> {
  /** Where the state has its lease table. */
  readonly table: (state: S) => Claims;
  /** By which part the rate of a node's clock may be off: from 0 up to 0.5. The same at each node and its leaser. Default: 0.01. */
  readonly driftMax?: number;
  /** How long after its time a claim is cleared at the soonest. Default: 500. */
  readonly marginMs?: OfState<S>;
  /** How often the table is looked at. Default: 200. */
  readonly checkMs?: OfState<S>;
  /** How much later than the leader the first other node clears a claim, and each further one than that before it. Default: 1,000. */
  readonly staggerMs?: OfState<S>;
}

/** What can depend on the state. */
export type SettingName = 'marginMs' | 'checkMs' | 'staggerMs';

/** The options with every default filled in. */
export interface CheckedReleaserOptions {
  readonly table: (state: unknown) => Claims;
  readonly driftMax: number;
  readonly settings: Readonly<Record<SettingName, OfState<unknown>>>;
}

/** What counts where nobody says. */
export const settingDefaults: Readonly<Record<SettingName, number>> = { marginMs: 500, checkMs: 200, staggerMs: 1_000 };

/** The longest time that timers measure, in milliseconds. */
const timeMsMax = 2 ** 31 - 1;
const optionNames: readonly string[] = ['table', 'driftMax', ...Object.keys(settingDefaults)];

/** Throws `InvalidError` where an option is not what it must be. */
export function checkedReleaser<S>(options: ReleaserOptions<S>): CheckedReleaserOptions {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('releaser', options, `give an object with any of ${optionNames.join(', ')}`);
  for (const [name, value] of Object.entries(options))
    if (!optionNames.includes(name))
      throw new InvalidError(`releaser.${name}`, value, `there is no such option; there are ${optionNames.join(', ')}`);
  const { table, driftMax = 0.01 } = options;
  if (typeof table !== 'function')
    throw new InvalidError('releaser.table', table, 'give a function that gives the LeaseTable of the state');
  if (!(typeof driftMax === 'number' && driftMax >= 0 && driftMax < 0.5))
    throw new InvalidError('releaser.driftMax', driftMax, 'give a number from 0 up to 0.5, not included');
  const settings: Record<string, OfState<unknown>> = {};
  for (const name of Object.keys(settingDefaults) as SettingName[]) {
    const setting = (options[name] ?? settingDefaults[name]) as OfState<unknown>;
    if (typeof setting !== 'function') checkedSetting(name, setting);
    settings[name] = setting;
  }
  return { table: table as CheckedReleaserOptions['table'], driftMax, settings: settings as never };
}

/** Gives the setting as it is, or throws `InvalidError`. */
export function checkedSetting(name: SettingName, value: unknown): number {
  const isTime = typeof value === 'number' && value <= timeMsMax && (name === 'marginMs' ? value >= 0 : value > 0);
  if (isTime) return value;
  const range = name === 'marginMs' ? '0 or more' : 'above 0';
  throw new InvalidError(
    `releaser.${name}`,
    value,
    `give milliseconds ${range}, at most 2^31 - 1, or a function of the state`,
  );
}
