import type { RoundNum } from '../contracts/index.ts';
import type { AttemptFailure, EncodedRefusal } from './effect.ts';
import type { Kernel } from './kernel.ts';
import type { Mandate } from './mandate.ts';

/** Says who kept an attempt from its majority, in the election or, where it was placed, in its round. */
export function noQuorum(kernel: Kernel, mandate: Mandate | undefined, placed: RoundNum | undefined): AttemptFailure {
  const { learner, self, window } = kernel;
  const open = placed === undefined ? undefined : mandate?.open.get(placed);
  const round = placed ?? learner.committed + 1;
  const epoch = window.epochOf(round);
  const members = epoch?.members ?? kernel.settings.initial.members;
  const rejections = open?.rejections ?? [];
  const abstentions = open === undefined ? (mandate?.abstentions ?? []) : [];
  const answered = new Set([...abstentions, ...rejections].map((refusal) => refusal.node));
  for (const node of open?.votes ?? []) answered.add(node);
  const unreachable: EncodedRefusal[] = [];
  for (const { id } of members) {
    if (id === self.id || answered.has(id)) continue;
    const voter = epoch?.incarnations.get(id);
    const covered =
      open === undefined && voter !== undefined && (mandate?.ledger.firstUncovered(id, voter, round) ?? round) > round;
    if (!covered) unreachable.push({ node: id, data: 'no answer in time' });
  }
  const discards = window.members
    .filter((member) => epoch !== undefined && !epoch.members.some((other) => other.id === member.id))
    .map((member) => ({ node: member.id, data: 'the log does not know its incarnation' }));
  return {
    code: 'noQuorum',
    effect: placed === undefined ? 'none' : 'unknown',
    abstentions,
    rejections,
    discards,
    unreachable,
  };
}
