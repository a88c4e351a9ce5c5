import type { NodeId } from '@paxakos/core/contracts';
import { hashOf } from './canonical.ts';
import type { Fact } from './fact.ts';
import { HashIndex } from './hash-index.ts';
import { type Birth, type LocalEvent, LocalNode, type Progress } from './local-node.ts';
import type { World } from './world.ts';

/** What one node may be in, and how it came there: by events of one life. */
export interface LocalState {
  readonly index: number;
  readonly birth: Birth;
  /** Undefined at the beginning of a life. */
  readonly before: { readonly state: LocalState; readonly event: LocalEvent } | undefined;
  readonly mayWrite: boolean;
  readonly isBusy: boolean;
  readonly mayAppend: boolean;
  readonly mayWake: boolean;
  readonly progress: Progress;
}

/** What an event at a node leads to. */
export interface Step {
  readonly state: LocalState;
  /** In order. */
  readonly facts: readonly Fact[];
}

/** All states of one node that were ever reached. A replica is the same for the same inputs, so each is known by how to get there. */
export class LocalStates {
  readonly #world: World;
  readonly #id: NodeId;
  readonly #known = new HashIndex();
  readonly #states: LocalState[] = [];

  constructor(world: World, id: NodeId) {
    this.#world = world;
    this.#id = id;
  }

  get size(): number {
    return this.#states.length;
  }

  at(index: number): LocalState {
    return this.#states[index] as LocalState;
  }

  /** Begins a life. */
  begin(birth: Birth): Step {
    const node = new LocalNode(this.#world, this.#id, birth);
    return { facts: node.takeFacts(), state: this.#note(node, birth, undefined) };
  }

  /** What an event leads to; throws where it breaks a rule. */
  step(state: LocalState, event: LocalEvent): Step {
    const node = this.#rebuild(state);
    if (event.type === 'crash' || event.type === 'lose') {
      const birth = node.left(event.type === 'lose');
      const { state: reborn, facts } = this.begin(birth);
      return { state: reborn, facts: [node.endedAs(birth), ...facts] };
    }
    node.happen(event);
    return { facts: node.takeFacts(), state: this.#note(node, state.birth, { state, event }) };
  }

  #rebuild(state: LocalState): LocalNode {
    const events: LocalEvent[] = [];
    for (let at = state.before; at !== undefined; at = at.state.before) events.push(at.event);
    const node = new LocalNode(this.#world, this.#id, state.birth);
    for (const event of events.reverse()) node.happen(event);
    node.takeFacts();
    return node;
  }

  #note(node: LocalNode, birth: Birth, before: LocalState['before']): LocalState {
    const [first, second] = hashOf(node.fingerprint);
    const next = this.#states.length;
    const index = this.#known.add(first, second, next);
    if (index < next) return this.at(index);
    const { mayWrite, isBusy, mayAppend, mayWake, progress } = node;
    const state = { index, birth, before, mayWrite, isBusy, mayAppend, mayWake, progress };
    this.#states.push(state);
    return state;
  }
}
