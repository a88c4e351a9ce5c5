export type { Leadership, LeadershipView, TrackLeadership } from './leadership.ts';
export type { TrackLeadershipOptions } from './track-leadership.ts';
export { trackLeadership } from './track-leadership.ts';
