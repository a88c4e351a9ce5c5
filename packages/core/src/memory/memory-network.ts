import type { Clock, NodeId, Random, Transport } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import { checkFaults, type LinkFaults, noFaults } from './link-faults.ts';
import { MemoryHub } from './memory-hub.ts';
import { MemoryTransport } from './memory-transport.ts';

/** How a network in memory behaves. */
export interface MemoryNetworkOptions {
  /** Needed for delays. With a clock, a network that never comes to rest also lets timers have their turn. */
  readonly clock?: Clock;
  /** Needed for loss, duplication and jitter. With a seeded one, a run can be repeated. */
  readonly random?: Random;
  /** The largest frame, in bytes. Default: 1 MiB. */
  readonly frameBytesMax?: number;
  /** How many frames may be on their way to one node; more are dropped. Default: 65,536. */
  readonly queuedFramesMax?: number;
  /** How many bytes may be on their way to one node; more are dropped. Default: 64 MiB. */
  readonly queuedBytesMax?: number;
  /**
   * Whether each receiver gets a copy that is overwritten as soon as it returns, as a transport with pooled buffers would.
   * Default: no.
   */
  readonly scribbles?: boolean;
  /** Runs a delivery later. Default: `queueMicrotask`. */
  readonly defer?: (deliver: () => void) => void;
}

/** One way between two nodes. */
export interface MemoryLink {
  /** What goes wrong now. */
  readonly faults: Required<LinkFaults>;
  /** Changes what goes wrong from the next frame on. */
  set(faults: LinkFaults): void;
}

/**
 * A bus within one process: asynchronous, in order and without loss, until told otherwise. Deterministic given its clock and
 * its random numbers. All faults can be changed while it runs, and act on frames sent from then on. It keeps clusters apart;
 * a fault that names a node is that of the nodes of this id in every cluster.
 */
export interface MemoryNetwork {
  /** The way into this network for one node. A node that restarts takes another one; the last one that opened receives. */
  transport(id: NodeId): Transport;
  /** The way from one node to another; the way back is a link of its own. */
  link(from: NodeId, to: NodeId): MemoryLink;
  /** Sets faults on every link, also on those that come to be later. */
  setAll(faults: LinkFaults): void;
  /** Cuts both ways between two nodes; of one node alone, all its ways. For one direction, set `isCut` on the link. */
  cut(a: NodeId, b?: NodeId): void;
  /** Cuts every way between nodes of different groups. Nodes in no group are a further group of their own. Replaces a partition. */
  partition(...groups: readonly (readonly NodeId[])[]): void;
  /** Undoes every cut and partition. Other faults stay. */
  heal(): void;
  /** Holds back what reaches a node, as a process does that is suspended; it piles up to the limits of the queue. */
  pause(id: NodeId): void;
  /** Lets a node have what was held back, and the rest as it comes. */
  resume(id: NodeId): void;
  /** How many frames are on their way to a node. */
  queuedFrames(id: NodeId): number;
}

/** Makes a network in memory, for tests, simulations, and nodes that share a process. */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new FaultyNetwork(options);
}

interface MutableLink {
  faults: Required<LinkFaults>;
}

class FaultyNetwork implements MemoryNetwork {
  readonly #hub: MemoryHub;
  readonly #has: { readonly clock: boolean; readonly random: boolean };
  readonly #links = new Map<NodeId, Map<NodeId, MutableLink>>();
  #common: Required<LinkFaults> = noFaults;
  readonly #isolated = new Set<NodeId>();
  #groups: ReadonlyMap<NodeId, number> | undefined;

  constructor(options: MemoryNetworkOptions) {
    const { clock, random, frameBytesMax = 1 << 20, queuedFramesMax = 65_536, queuedBytesMax = 1 << 26 } = options;
    for (const [name, limit] of Object.entries({ frameBytesMax, queuedFramesMax, queuedBytesMax })) {
      if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidError(name, limit, 'give an integer from 1');
    }
    this.#has = { clock: clock !== undefined, random: random !== undefined };
    this.#hub = new MemoryHub({
      frameBytesMax,
      queuedFramesMax,
      queuedBytesMax,
      scribbles: options.scribbles ?? false,
      // A browser's queueMicrotask refuses to be called as a method.
      defer: options.defer ?? ((deliver) => queueMicrotask(deliver)),
      clock,
      random: random ?? (() => 0.5),
      faultsOf: (from, to) => this.#faultsOf(from, to),
    });
  }

  transport(id: NodeId): Transport {
    return new MemoryTransport(this.#hub, id);
  }

  link(from: NodeId, to: NodeId): MemoryLink {
    const link = this.#linkOf(from, to);
    const has = this.#has;
    return {
      get faults() {
        return link.faults;
      },
      set(faults) {
        checkFaults(faults, has);
        link.faults = { ...link.faults, ...faults };
      },
    };
  }

  setAll(faults: LinkFaults): void {
    checkFaults(faults, this.#has);
    this.#common = { ...this.#common, ...faults };
    for (const links of this.#links.values()) {
      for (const link of links.values()) link.faults = { ...link.faults, ...faults };
    }
  }

  cut(a: NodeId, b?: NodeId): void {
    if (b === undefined) {
      this.#isolated.add(a);
      return;
    }
    this.link(a, b).set({ isCut: true });
    this.link(b, a).set({ isCut: true });
  }

  partition(...groups: readonly (readonly NodeId[])[]): void {
    this.#groups = new Map(groups.flatMap((members, group) => members.map((id) => [id, group] as const)));
  }

  heal(): void {
    this.#isolated.clear();
    this.#groups = undefined;
    this.setAll({ isCut: false });
  }

  pause(id: NodeId): void {
    this.#hub.pause(id);
  }

  resume(id: NodeId): void {
    this.#hub.resume(id);
  }

  queuedFrames(id: NodeId): number {
    return this.#hub.queuedFrames(id);
  }

  #linkOf(from: NodeId, to: NodeId): MutableLink {
    let links = this.#links.get(from);
    if (links === undefined) {
      links = new Map();
      this.#links.set(from, links);
    }
    let link = links.get(to);
    if (link === undefined) {
      link = { faults: this.#common };
      links.set(to, link);
    }
    return link;
  }

  #faultsOf(from: NodeId, to: NodeId): Required<LinkFaults> {
    const { faults } = this.#linkOf(from, to);
    const isApart = this.#groups !== undefined && this.#groups.get(from) !== this.#groups.get(to);
    const isCut = isApart || this.#isolated.has(from) || this.#isolated.has(to);
    return isCut && !faults.isCut ? { ...faults, isCut } : faults;
  }
}
