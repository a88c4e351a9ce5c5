export type { EnsureLeadership, EnsureLeadershipOptions } from './ensure-leadership.ts';
export { ensureLeadership } from './ensure-leadership.ts';
