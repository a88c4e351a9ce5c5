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
 */
export type TransportCapability =
  | 'ordered'
  | 'privateFrames'
  | 'multiCluster'
  | 'reportsDrops'
  | 'reportsConnections'
  | 'resources'
  | 'memory';

/** A node that isn't open yet. */
export interface TransportNode {
  /** As its peers know it. */
  readonly info: NodeInfo;
  readonly transport: Transport;
}

/** One bus of its own, made for one case. Disposing of it stops what it started. */
export interface TransportFixture extends AsyncDisposable {
  /** Makes an unopened transport for a node. Called again with the same id and cluster: that node, restarted. Default cluster: `'main'`. */
  node(id: NodeId, cluster?: string): TransportNode | Promise<TransportNode>;
  /** Names of what would keep the process alive now, such as `process.getActiveResourcesInfo()` gives. */
  resources?(): readonly string[];
  /** How much memory the process uses now, garbage excluded as far as possible. In bytes. */
  memoryBytes?(): number | Promise<number>;
}
