import type { Message, NodeId } from '@paxakos/core/contracts';
import type { Sight } from './sight.ts';

/** Something that happens before exploration begins. */
export interface OpeningStep {
  readonly at: NodeId;
  readonly does: 'start' | 'append' | 'lose' | 'wake';
  /** What is appended, at once. */
  readonly texts?: string;
  /** Whom messages reach in this step, all and in order; those to others are under way still when exploration begins. Default: everyone. */
  readonly reaches?: string;
}

/** A small cluster of which every run is explored. Nodes have one letter each. */
export interface World {
  readonly name: string;
  readonly founders: string;
  readonly concurrency: number;
  /** Nodes without any memory, which a step before exploration starts. */
  readonly newcomers?: string;
  /** What happens before exploration begins, once the founders have met; in it nothing is lost. */
  readonly before?: readonly OpeningStep[];
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
  /** Whose timers go off. Default: everyone's. */
  readonly wakers?: string;
  /** Messages that are always lost. What depends on them never happens. */
  readonly lost: readonly Message['type'][];
  /** Nodes whose writes take their time, so that a crash comes before, or messages do. Default: none. */
  readonly slow?: string;
  /** What must come to pass somewhere, or the world shows nothing of what it is for. */
  readonly meets: readonly Sight[];
}

/** Whether a node's timer ever goes off. */
export function mayWake({ wakes = 0, wakers }: World, id: NodeId): boolean {
  return wakes > 0 && (wakers ?? id).includes(id);
}
