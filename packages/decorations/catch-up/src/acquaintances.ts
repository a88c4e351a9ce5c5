import type { NodeId, NodeInfo, PaxakosNode } from '@paxakos/core/contracts';

/** How many nodes beside the members are remembered. */
const othersMax = 64;

/** Whom this node may ask: members now or before, whoever leads, who has written to it, and whom these named. */
export class Acquaintances {
  readonly #node: PaxakosNode;
  readonly #others = new Map<NodeId, NodeInfo>();
  #members: readonly NodeInfo[] = [];

  constructor(node: PaxakosNode) {
    this.#node = node;
  }

  /** Remembers a node; the one that was heard of longest ago gives way. */
  meet(info: NodeInfo): void {
    if (info.id === this.#node.id) return;
    this.#others.delete(info.id);
    this.#others.set(info.id, info);
    if (this.#others.size <= othersMax) return;
    for (const id of this.#others.keys()) {
      this.#others.delete(id);
      return;
    }
  }

  /** Remembers the members of now: one that is dismissed later may still have a state. */
  meetMembers(): void {
    const { cluster } = this.#node;
    if (this.#members === cluster) return;
    this.#members = cluster;
    for (const member of cluster) this.meet(member);
  }

  all(): readonly NodeInfo[] {
    const all = new Map<NodeId, NodeInfo>(this.#others);
    const { cluster, id: self, leader } = this.#node;
    if (leader !== undefined && !all.has(leader)) all.set(leader, { id: leader });
    // What the state names is newer than an address that was heard once; but one without any says less.
    for (const member of cluster) if (member.address !== undefined || !all.has(member.id)) all.set(member.id, member);
    all.delete(self);
    return [...all.values()];
  }
}
