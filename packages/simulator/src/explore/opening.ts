import type { Fact } from './fact.ts';
import type { LocalEvent } from './local-node.ts';
import type { LocalState, LocalStates, Step } from './local-states.ts';
import type { OpeningStep, World } from './world.ts';

const messagesMax = 10_000;

interface Delivery {
  readonly to: number;
  readonly event: LocalEvent;
}

/** Brings a world to where its exploration begins: the founders meet, and then what is to happen before does. */
export class Opening {
  readonly #world: World;
  readonly #ids: readonly string[];
  readonly #nodes: readonly LocalStates[];
  readonly #note: (fact: Fact) => void;
  readonly #locals: LocalState[] = [];
  #pending: Delivery[] = [];
  /** Whom messages reach for now. */
  #reached: string;

  /** `note` is told of each fact as it comes to be. */
  constructor(world: World, ids: readonly string[], nodes: readonly LocalStates[], note: (fact: Fact) => void) {
    this.#world = world;
    this.#ids = ids;
    this.#nodes = nodes;
    this.#note = note;
    this.#reached = ids.join('');
  }

  /** Gives the state of each node. */
  run(): readonly LocalState[] {
    for (const id of this.#world.founders) this.#start(id, 'founder');
    this.#settle();
    for (const step of this.#world.before ?? []) this.#take(step);
    for (const id of this.#ids) this.#happen(this.#ids.indexOf(id), { type: 'begin' });
    return this.#locals;
  }

  #take({ at, does, texts, reaches }: OpeningStep): void {
    this.#reached = reaches ?? this.#ids.join('');
    if (does === 'start') this.#start(at, 'newcomer');
    else
      this.#happen(
        this.#ids.indexOf(at),
        does === 'append' ? { type: 'prepend', texts: texts?.split(' ') ?? [] } : { type: does },
      );
    this.#settle();
  }

  #start(id: string, origin: 'founder' | 'newcomer'): void {
    const birth = { disk: undefined, origin, life: 1, appended: 0, voted: undefined, isExplored: false };
    const node = this.#ids.indexOf(id);
    this.#became(node, (this.#nodes[node] as LocalStates).begin(birth));
  }

  #happen(node: number, event: LocalEvent): void {
    const state = this.#locals[node];
    if (state === undefined) throw new Error(`${this.#ids[node]} was never started`);
    this.#became(node, (this.#nodes[node] as LocalStates).step(state, event));
  }

  #became(node: number, { state, facts }: Step): void {
    this.#locals[node] = state;
    for (const fact of facts) {
      if (fact.type === 'ended') continue;
      if (fact.type !== 'sent') {
        this.#note(fact);
        continue;
      }
      const others = fact.to.split('').filter((id) => !this.#reached.includes(id));
      const isLost = this.#world.lost.includes(fact.message.type);
      // What has arrived does not arrive again later.
      this.#note({ ...fact, to: isLost ? '' : others.join('') });
      const event: LocalEvent = { type: 'deliver', sender: { id: fact.from }, message: fact.message };
      for (const id of fact.to)
        if (this.#reached.includes(id)) this.#pending.push({ to: this.#ids.indexOf(id), event });
    }
  }

  #settle(): void {
    for (let count = 0; this.#pending.length > 0; count += 1) {
      if (count > messagesMax) throw new Error('the nodes never stop talking');
      const [{ to, event }] = this.#pending as [Delivery];
      this.#pending = this.#pending.slice(1);
      if (this.#locals[to] !== undefined) this.#happen(to, event);
    }
  }
}
