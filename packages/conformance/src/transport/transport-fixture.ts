/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId, NodeInfo, Transport } from '@paxakos/core/contracts';

/**
 * What a transport, or the fixture that makes it, can do beyond the contract. Cases that need what isn't declared are skipped.
 *
 * - `ordered`: frames from one node to another arrive in the order sent, as far as they arrive.
 * - `privateFrames`: a receiver may write over its frame; no other receiver sees that.
 * - `multiCluster`: the fixture makes nodes of several clusters on one bus.
 * - `reportsDrops`: `onTrouble` tells of frames dropped because a peer doesn't take them.
 * - `reportsConnections`: `onTrouble` tells when a peer goes and when it is back.
 * - `resources`: the fixture has `resources()`.
 * - `memory`: the fixture has `memoryBytes()`.
 * - `reportsBusLoss`: the bus has servers, which the fixture's `bus` stops and starts; `onTrouble` tells when the bus is lost
 *   (`disconnected`, without a peer), of every frame dropped meanwhile, and when it is back (`reconnected`).
 * - `pausesBus`: the fixture's `bus` has `pause` and `resume`, and `onTrouble` tells of frames that a paused bus doesn't take.
 * - `remote`: the fixture has `remote()`.
 *
 * A broker can't tell who is behind it: a transport over one declares `reportsBusLoss`, not `reportsDrops` and
 * `reportsConnections`, which are about peers.
 */
export type TransportCapability =
  | 'ordered'
  | 'privateFrames'
  | 'multiCluster'
  | 'reportsDrops'
  | 'reportsConnections'
  | 'resources'
  | 'memory'
  | 'reportsBusLoss'
  | 'pausesBus'
  | 'remote';

/** A node that isn't open yet. */
export interface TransportNode {
  /** As its peers know it. */
  readonly info: NodeInfo;
  readonly transport: Transport;
}

/** Breaks and mends the servers of a bus: those of this fixture alone, since other cases may run beside. */
export interface BusControl {
  /** Ends all servers at once, as `kill -9` does. Resolves when none is left. */
  stop(): Promise<void>;
  /** Starts them again where they were. Resolves when they serve. */
  start(): Promise<void>;
  /** Suspends them, as SIGSTOP does: connections stand, and nothing is read. */
  pause?(): void;
  /** Undoes `pause`. */
  resume?(): void;
}

/** A node in a process of its own, that is open and sends each frame of at most 1,000 bytes back to one other node. */
export interface RemoteNode {
  readonly info: NodeInfo;
  /** Suspends the process, as SIGSTOP does. */
  pause(): void;
  /** Undoes `pause`. */
  resume(): void;
  /** Ends the process, as `kill -9` does. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** One bus of its own, made for one case. Disposing of it stops what it started. */
export interface TransportFixture extends AsyncDisposable {
  /**
   * Makes an unopened transport for a node; ids and clusters are any text. Called again with the same id and cluster: that
   * node, restarted. Default cluster: `'main'`.
   */
  node(id: NodeId, cluster?: string): TransportNode | Promise<TransportNode>;
  /** Names of what would keep the process alive now, such as `process.getActiveResourcesInfo()` gives. */
  resources?(): readonly string[];
  /** How much memory the process uses now, garbage excluded as far as possible. In bytes. */
  memoryBytes?(): number | Promise<number>;
  /** The servers of the bus. */
  readonly bus?: BusControl;
  /** Starts a node of cluster `'main'` in a process of its own, that sends what it gets back to `home`. Disposal ends it. */
  remote?(id: NodeId, home: NodeInfo): Promise<RemoteNode>;
}
