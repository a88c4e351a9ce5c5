import type { NodeId, NodeInfo, RoundNum } from '@paxakos/core/contracts';

interface Epoch {
  readonly from: RoundNum;
  readonly members: readonly NodeInfo[];
}

/** Which members govern which rounds, derived from what the state names after each entry, as the protocol does (rule P9). */
export class Membership {
  #epochs: Epoch[] = [];
  #named: readonly NodeInfo[] = [];
  #concurrency = 1;
  #reach: RoundNum = 0;

  /** What the state named last. */
  get named(): readonly NodeInfo[] {
    return this.#named;
  }

  /** A state is there that stands after `round`: its members are taken to govern what follows. */
  begin(round: RoundNum, members: readonly NodeInfo[], concurrency: number): void {
    this.#named = members;
    this.#concurrency = concurrency;
    this.#reach = round + concurrency;
    this.#epochs = [{ from: round + 1, members }];
  }

  /** The state names others from now on: they govern where the window then ends. */
  change(members: readonly NodeInfo[], concurrency: number): void {
    this.#named = members;
    this.#concurrency = concurrency;
  }

  /** An entry was applied. Gives whether it brought a new epoch. */
  applied(round: RoundNum): boolean {
    while (this.#epochs.length > 1 && (this.#epochs[1] as Epoch).from <= round + 1) this.#epochs.shift();
    const reach = round + this.#concurrency;
    if (reach <= this.#reach) return false;
    const from = this.#reach + 1;
    this.#reach = reach;
    const members = this.#epochs.at(-1)?.members;
    if (members === undefined || members === this.#named || sameNodes(members, this.#named)) return false;
    this.#epochs.push({ from, members: this.#named });
    return true;
  }

  /** The last round that a node is known to be a member for: infinite where no end is known, 0 where it is none. */
  reachOf(node: NodeId): RoundNum {
    let end = Number.POSITIVE_INFINITY;
    for (let index = this.#epochs.length - 1; index >= 0; index -= 1) {
      const { from, members } = this.#epochs[index] as Epoch;
      if (members.some(({ id }) => id === node)) return end;
      end = from - 1;
    }
    return 0;
  }
}

function sameNodes(a: readonly NodeInfo[], b: readonly NodeInfo[]): boolean {
  return a.length === b.length && a.every(({ id }) => b.some((other) => other.id === id));
}
