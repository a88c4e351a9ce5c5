export { type ReleaserApi, releaser } from './releaser.ts';
export type { Claims, ReleaserOptions } from './releaser-options.ts';
