import type { Actor } from './watch.ts';

/** Whether a majority of the members that they name can lead or follow. */
export function isAble(all: readonly Actor[]): boolean {
  const able = all.filter(
    ({ node: { status, participation } }) =>
      participation.type === 'active' && (status === 'following' || status === 'leading'),
  );
  const names = new Set(able.map(({ context }) => context.id));
  const hasMajority = ({ node: { cluster } }: Actor): boolean =>
    cluster.filter(({ id }) => names.has(id)).length * 2 > cluster.length;
  return able.length > 0 && able.every(hasMajority);
}
