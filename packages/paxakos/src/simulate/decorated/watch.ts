import type { PaxakosNode } from '@paxakos/core';
import type { LeaserOptions } from '@paxakos/leaser';
import type { ReleaserOptions } from '@paxakos/releaser';
import type { DriveContext } from '@paxakos/simulator';
import type { FeatureApis } from '../../preset/features.ts';
import type { DecoratedEntry, DecoratedState } from './decorated-state.ts';

/** A node with all ten decorations. */
export type DecoratedNode = PaxakosNode<DecoratedEntry, DecoratedState> &
  FeatureApis<{
    readonly masterLeases: true;
    readonly leaser: LeaserOptions<DecoratedState>;
    readonly releaser: ReleaserOptions<DecoratedState>;
  }>;

/** A node in one of its lives, and what it has of the world. */
export interface Actor {
  readonly node: DecoratedNode;
  readonly context: DriveContext;
}

/** A checker of what decorations do. It looks from outside, at all nodes of a run. */
export interface Watch {
  /** A node has started. */
  begin?(actor: Actor): void;
  /** Called every now and then at each node that runs. `all` are those that are alive. */
  look?(actor: Actor, all: readonly Actor[]): void;
  /** What is not yet as it must be when the faults are over: `leader` leads, and `members` are those that it knows. */
  lacking?(leader: Actor, members: readonly Actor[]): string | undefined;
}
