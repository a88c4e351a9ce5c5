import { type NodeId, PaxakosError } from '@paxakos/core/contracts';

/**
 * Why there is no lease to read by. `'notLeading'`: this node does not lead. `'behind'`: it leads, and has not yet heard of, or
 * applied, all that earlier leaders placed. `'noMajority'`: too few members have promised, or their promises have run out, or
 * their clocks are not yet known to keep time with this one's. `'expired'`: the time was up before the read was done.
 */
export type LeaseRefusal = 'notLeading' | 'behind' | 'noMajority' | 'expired';

/** A read by a lease was refused: it might have been stale. Code: `PAXAKOS_NO_LEASE`. */
export class LeaseError extends PaxakosError {
  readonly reason: LeaseRefusal;
  /** The node that owns the greatest number seen: the likely leader. */
  readonly leader: NodeId | undefined;

  constructor(reason: LeaseRefusal, leader: NodeId | undefined) {
    super('PAXAKOS_NO_LEASE', `no master lease to read by: ${texts[reason]}`);
    this.reason = reason;
    this.leader = leader;
  }
}

const texts: Readonly<Record<LeaseRefusal, string>> = {
  notLeading: 'this node does not lead',
  behind: 'this node has not yet applied all that earlier leaders placed',
  noMajority: 'no majority has promised to keep to this node, and to time that is known to pass as it does here',
  expired: 'it ran out before the read was done',
};
