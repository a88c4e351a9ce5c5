import type { Message, NodeId } from '@paxakos/core/contracts';

/** A small cluster of which every run is explored. Nodes have one letter each. */
export interface World {
  readonly name: string;
  readonly founders: string;
  readonly concurrency: number;
  /** Nodes that are started later, without any memory. */
  readonly newcomers?: string;
  /** Entries appended, one after another where they stand in a list of their own, before exploration begins; all arrives. */
  readonly before?: readonly (readonly [NodeId, string])[];
  /** What each node appends, in this order, at any time; texts that a space parts are appended at once. */
  readonly appends: Readonly<Record<NodeId, readonly string[]>>;
  /** How often any of the nodes crashes and comes back with what is durable. */
  readonly crashes?: number;
  /** How often any of the nodes comes back without its memory. */
  readonly losses?: number;
  /** Who crashes, loses its memory, or takes snapshots. Default: everyone. */
  readonly frail?: string;
  /** How often any node keeps a snapshot in place of its log. */
  readonly snapshots?: number;
  /** How often any node's timer goes off. */
  readonly wakes?: number;
  /** Messages that are always lost. */
  readonly lost: readonly Message['type'][];
  /** Nodes whose writes take their time, so that a crash comes before, or messages do. Default: none. */
  readonly slow?: string;
}
