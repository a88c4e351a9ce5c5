import type { ProfileName } from '@paxakos/simulator';

/** How each run of a command is made. Can be posted to a worker. */
export interface RunSettings {
  readonly profile: ProfileName;
  readonly nodes: number | undefined;
  readonly horizonMs: number | undefined;
  /** The module that has the application's state, as it was named. */
  readonly state: string | undefined;
  /** Whether each node of the testbed has all ten decorations. */
  readonly isDecorated: boolean;
}
