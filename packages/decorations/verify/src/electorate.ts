import type { DecorationHost, GoverningCluster, NodeInfo, RoundNum } from '@paxakos/core/contracts';

/** Of how many check points it is remembered who was to govern from there on. */
const keptMax = 64;

/**
 * Whose word counts at a check point. A state that went wrong may name wrong members, and these govern where the window then
 * reaches (rule P9); so that those who were to govern when the state was last known to be right have to agree as well.
 */
export class Electorate {
  readonly #host: DecorationHost;
  /** Who was to govern from the last confirmed check point on; or since the state is there, where there is none. */
  #trusted: readonly GoverningCluster[] = [];
  #trustedAt: RoundNum = 0;
  /** The same, as of check points that nobody has confirmed yet. */
  readonly #noted = new Map<RoundNum, readonly GoverningCluster[]>();
  #named: readonly NodeInfo[];

  constructor(host: DecorationHost) {
    this.#host = host;
    this.#named = host.node.cluster;
    this.begin();
  }

  /** The state, or that there is none, is news: nothing is known but what the log says, or the snapshot. */
  begin(): void {
    this.#noted.clear();
    this.#trustedAt = 0;
    this.#trusted = [...this.#host.openRounds().clusters];
    this.#named = this.#host.node.cluster;
  }

  /** To be told of every round that is applied. Gives whether the state names other members since then. */
  follow(): boolean {
    if (this.#trusted.length === 0) this.#trusted = [...this.#host.openRounds().clusters];
    const { cluster } = this.#host.node;
    if (this.#named === cluster) return false;
    this.#named = cluster;
    return true;
  }

  /** Remembers who is to govern, as of a check point that has just been reached. */
  note(round: RoundNum): void {
    this.#noted.set(round, [...this.#host.openRounds().clusters]);
    if (this.#noted.size > keptMax) this.#noted.delete(Math.min(...this.#noted.keys()));
    // The node learns only after this what its state names now. What it has applied beyond this round is not to be trusted yet.
    queueMicrotask(() => {
      const { clusters, from } = this.#host.openRounds();
      if (from === round + 1 && this.#noted.has(round)) this.#noted.set(round, [...clusters]);
    });
  }

  /** The state was right after this round; so whoever was to govern from there on is to be trusted. */
  confirm(round: RoundNum): void {
    const clusters = this.#noted.get(round);
    if (clusters === undefined || round < this.#trustedAt) return;
    this.#trusted = clusters;
    this.#trustedAt = round;
    for (const noted of this.#noted.keys()) if (noted <= round) this.#noted.delete(noted);
  }

  /** Who governs a round as far as can be told from what was last known to be right. */
  trusted(round: RoundNum): readonly NodeInfo[] {
    return governing(this.#trusted, round) ?? this.governing(round);
  }

  /** Who governs a round as of now, as the state may have had it. */
  governing(round: RoundNum): readonly NodeInfo[] {
    return governing(this.#host.openRounds().clusters, round) ?? this.#host.node.cluster;
  }

  /** Everybody whose word counts now or soon, but this node. */
  others(): readonly NodeInfo[] {
    const { cluster, id: self } = this.#host.node;
    const all = new Map<string, NodeInfo>();
    // What was known before stands for itself: a wrong state may name wrong addresses, too.
    for (const { members } of [...this.#trusted, ...this.#host.openRounds().clusters])
      for (const member of members) if (!all.has(member.id)) all.set(member.id, member);
    for (const member of cluster) if (!all.has(member.id)) all.set(member.id, member);
    all.delete(self);
    return [...all.values()];
  }
}

function governing(clusters: readonly GoverningCluster[], round: RoundNum): readonly NodeInfo[] | undefined {
  return (clusters.findLast(({ from }) => from <= round) ?? clusters[0])?.members;
}
