/**
 * How rough a run is. `none`: no faults at all. `calm`: a few, no losses. `rough`: everything, the default. `storm`: everything,
 * all the time.
 */
export type ProfileName = 'none' | 'calm' | 'rough' | 'storm';

/** All profiles. */
export const profileNames: readonly ProfileName[] = ['none', 'calm', 'rough', 'storm'];
