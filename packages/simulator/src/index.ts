export type {
  Application,
  DriveContext,
  NodeContext,
  SimulatedRead,
  Startable,
  WorkloadRandom,
} from './application.ts';
export { branches } from './branches.ts';
export { beyondHealingMax, type CampaignOptions, type CampaignResult, campaign } from './campaign.ts';
export { HealingTimes } from './healing-times.ts';
export type { Changes } from './nemesis.ts';
export { type ProfileName, profileNames } from './profile-name.ts';
export { counterModel, registerModel, type SequentialModel, setModel } from './sequential-model.ts';
export { shrink } from './shrink.ts';
export { type SimulationResult, simulate } from './simulate.ts';
export type { SimulationOptions } from './simulation-options.ts';
export { testbedChanges, testbedEntry, testbedRead } from './testbed-entry.ts';
export { type FrozenTestbed, type TestbedEntry, TestbedState } from './testbed-state.ts';
export type { Violation } from './world.ts';
