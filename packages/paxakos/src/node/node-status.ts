import type { Participation, Status } from '@paxakos/core';
import type { DemoNode } from './demo-node.ts';
import { reasonOf } from './reason-of.ts';

/** What `GET /status` says. */
export interface NodeStatus {
  readonly id: string;
  readonly pid: number;
  readonly status: Status;
  readonly participation: Participation['type'];
  /** The last round applied. */
  readonly round: number;
  /** The round up to which every entry is known as committed. */
  readonly committed: number;
  readonly leader?: string;
  readonly members: readonly string[];
  /** The calculator's value, and how many operations made it; none without a state. */
  readonly value?: number;
  readonly applied?: number;
  /** How many operations this process has acknowledged. */
  readonly appended: number;
  readonly failure?: string;
}

export async function statusOf(node: DemoNode, appended: number): Promise<NodeStatus> {
  const { id, status, participation, round, committed, leader, cluster, failure } = node;
  const read = ({ value, applied }: { value: number; applied: number }) => ({ value, applied });
  const state = await node.read(read, { consistency: 'stale' }).catch(() => ({}));
  return {
    id,
    pid: process.pid,
    status,
    participation: participation.type,
    round,
    committed,
    ...(leader === undefined ? {} : { leader }),
    members: cluster.map((member) => member.id),
    ...state,
    appended,
    ...(failure === undefined ? {} : { failure: reasonOf(failure) }),
  };
}
