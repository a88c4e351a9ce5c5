import type { AnyState, EntryOf, NodeBuilder } from '@paxakos/core';
import type { AnyLogEntry, Clock, NodeId, PaxakosNode } from '@paxakos/core/contracts';
import type { Seeded } from './seeded.ts';

/** The numbers that a workload may draw; all follow from the seed. */
export type WorkloadRandom = Pick<Seeded, 'next' | 'below' | 'between' | 'chance' | 'pick'>;

/** Where a node lives. */
export interface NodeContext {
  readonly id: NodeId;
  readonly random: WorkloadRandom;
  /** Milliseconds of the world: what no node can know, but by a wall clock that is right. */
  worldMs(this: void): number;
}

/** What an application has of the world that it runs in. */
export interface DriveContext extends NodeContext {
  /** The clock of this life of the node, which need not go as fast as others. */
  readonly clock: Clock;
  /** Aborted when this life of the node ends, by a crash or a stop. */
  readonly signal: AbortSignal;
  /** Whether the faults are over. */
  isHealed(this: void): boolean;
  /** Says that a property of the application does not hold: the run has failed. */
  complain(this: void, problem: string): void;
  /** Counts a branch of the application, for the coverage and what a campaign `requires`. */
  count(this: void, branch: string, times?: number): void;
}

/** A read, beside the entry by which a sequential model knows it. */
export interface SimulatedRead<S> {
  readonly entry: AnyLogEntry;
  readonly read: (state: S) => unknown;
}

/** A node to be, with all its decorations. */
export interface Startable<S extends AnyState, Apis extends object> {
  start(): Promise<PaxakosNode<EntryOf<S>, S> & Apis>;
}

/** How each node of a simulation is built and used. */
export interface Application<S extends AnyState, Apis extends object> {
  /** Adds decorations to a node. Called each time that one starts. */
  readonly decorate?: (builder: NodeBuilder<S, object>, context: NodeContext) => Startable<S, Apis>;
  /** Called each time that a node has started, to use it. What it throws fails the run. */
  readonly drive?: (node: PaxakosNode<EntryOf<S>, S> & Apis, context: DriveContext) => void;
  /** What is not yet as it must be, once the faults are over: the run goes on until there is nothing, or fails by `liveness`. */
  readonly lacking?: () => string | undefined;
}
