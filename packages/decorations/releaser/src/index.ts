export { type ReleaserApi, releaser } from './releaser.ts';
export type { Claims, OfState, ReleaserOptions } from './releaser-options.ts';
