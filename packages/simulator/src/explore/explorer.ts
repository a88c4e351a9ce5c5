import type { NodeId } from '@paxakos/core/contracts';
import { canonical, mixed } from './canonical.ts';
import type { Fact } from './fact.ts';
import { FactBook } from './fact-book.ts';
import { GrowingInts } from './growing-ints.ts';
import { HashIndex } from './hash-index.ts';
import { isSpent, losesRefusals } from './is-spent.ts';
import { Ledger } from './ledger.ts';
import { LedgerChecks } from './ledger-checks.ts';
import type { LocalEvent } from './local-node.ts';
import { type LocalState, LocalStates } from './local-states.ts';
import { Opening } from './opening.ts';
import { type Sighting, Sightings } from './sightings.ts';
import type { World } from './world.ts';

/** What came of an exploration. */
export interface Exploration {
  readonly world: string;
  /** How many different states were seen, and how many events led from one to another. */
  readonly states: number;
  readonly transitions: number;
  /** The greatest number of events in a row that was needed for one of them. */
  readonly depth: number;
  /** Whether there are no more states than these. */
  readonly isWhole: boolean;
  readonly localStates: number;
  readonly ledgers: number;
  /** The rule that is broken, and the shortest way there. */
  readonly violation: { readonly rule: string; readonly trace: readonly string[] } | undefined;
  /** What the world was there to show, and showed; and what it did not. */
  readonly met: readonly Sighting[];
  readonly unmet: readonly string[];
}

export interface ExplorationLimits {
  /** Ends where so many have been seen. Default: never. */
  readonly states?: number;
}

/** What came of an event at a node in some state, as numbers. */
interface Outcome {
  readonly state: number;
  readonly facts: readonly number[];
  readonly broken: string | undefined;
}

const budgets = ['crashes', 'losses', 'snapshots', 'wakes'] as const;
const spends = { crash: 0, lose: 1, snapshot: 2, wake: 3 } as const;
const budgetBits = 4;
const plainEvents = ['write', 'append', 'crash', 'lose', 'snapshot', 'wake'] as const;

/**
 * Goes breadth-first through every state that a world can be in. A message that was sent may arrive at any time, any number of
 * times, or never; so a state is what each node is in and what was ever sent, and a node that is down is one that nothing
 * arrives at. States are told apart by hashes of 64 bits.
 */
export class Explorer {
  readonly #world: World;
  readonly #ids: readonly NodeId[];
  readonly #nodes: readonly LocalStates[];
  readonly #book = new FactBook();
  readonly #ledger: Ledger;
  readonly #outcomes: Map<number, Outcome>[][];
  readonly #seen = new HashIndex();
  /** One state after another: a number for each node, the ledger, and what is left of the budgets. */
  readonly #states = new GrowingInts();
  readonly #parents = new GrowingInts();
  /** Which event led there: the node, and the fact delivered or what else happened. */
  readonly #events = new GrowingInts();
  #transitions = 0;
  readonly #losesRefusals: boolean;
  readonly #sightings: Sightings;
  #violation: Exploration['violation'];

  constructor(world: World) {
    this.#world = world;
    this.#losesRefusals = losesRefusals(world);
    this.#ids = `${world.founders}${world.newcomers ?? ''}`.split('');
    this.#nodes = this.#ids.map((id) => new LocalStates(world, id));
    this.#outcomes = this.#ids.map(() => []);
    this.#spent = this.#ids.map(() => []);
    const checks = new LedgerChecks(world, this.#book);
    this.#sightings = new Sightings(world.meets, this.#book, checks);
    this.#ledger = new Ledger(this.#book, checks, (added, facts) => this.#look(this.#book.at(added).fact, facts));
  }

  get #width(): number {
    return this.#ids.length + 2;
  }

  run({ states: limit = Number.POSITIVE_INFINITY }: ExplorationLimits = {}): Exploration {
    let depth = 0;
    let levelEnd = 1;
    let at = 0;
    try {
      this.#begin();
      for (; at < this.#parents.length && this.#violation === undefined; at += 1) {
        if (at === levelEnd) {
          depth += 1;
          levelEnd = this.#parents.length;
        }
        if (this.#parents.length >= limit) break;
        this.#expand(at);
      }
    } catch (error) {
      this.#violation = { rule: `while the world begins: ${(error as Error).message}`, trace: [] };
    }
    const isWhole = at === this.#parents.length && this.#violation === undefined;
    return {
      world: this.#world.name,
      states: this.#parents.length,
      transitions: this.#transitions,
      depth,
      isWhole,
      localStates: this.#nodes.reduce((sum, { size }) => sum + size, 0),
      ledgers: this.#ledger.size,
      violation: this.#violation,
      met: this.#sightings.met,
      unmet: this.#sightings.unmet,
    };
  }

  /** Looks whether this is what the world is there to show; what happens before exploration is not. */
  #look(news: Fact, facts: readonly number[]): void {
    const states = this.#parents.length;
    if (states > 0) this.#sightings.look(news, facts, states);
  }

  #begin(): void {
    let set = 0;
    const opening = new Opening(this.#world, this.#ids, this.#nodes, (fact) => {
      set = this.#ledger.with(set, [this.#book.note(fact).index]);
    });
    const locals = opening.run().map(({ index }) => index);
    const left = budgets.reduce((sum, name, index) => sum + ((this.#world[name] ?? 0) << (index * budgetBits)), 0);
    this.#visit(locals, set, left, -1, -1);
  }

  /** Takes note of a state that was not seen before: one is as another where they differ in nothing that can still matter. */
  #visit(locals: readonly number[], set: number, left: number, parent: number, event: number): void {
    let first = mixed(left + 0x51ed270b);
    let second = mixed(left ^ 0x2545f491);
    for (const local of locals) {
      first = mixed(Math.imul(first, 31) ^ local);
      second = mixed(Math.imul(second, 0x01000193) + local + 0x7ed55d16);
    }
    const states = locals.map((local, node) => (this.#nodes[node] as LocalStates).at(local));
    for (const fact of this.#ledger.open(set)) {
      const receivers = this.#receivers(fact);
      const live = receivers === 0 ? 0 : this.#live(fact, receivers, states, left);
      if (receivers !== 0 && live === 0) continue;
      first = (first ^ mixed(fact * 64 + live + 1)) >>> 0;
      second = (second ^ mixed(fact * 64 + live + 0x5000001)) >>> 0;
    }
    const next = this.#parents.length;
    if (this.#seen.add(first, second, next) < next) return;
    for (const local of locals) this.#states.push(local);
    this.#states.push(set);
    this.#states.push(left);
    this.#parents.push(parent);
    this.#events.push(event);
  }

  /** By node and state: what is known of each message, in two bits for each frailty. */
  readonly #spent: Uint8Array[][];

  /** The receivers to whom a message can still matter. */
  #live(fact: number, receivers: number, states: readonly LocalState[], left: number): number {
    if (!this.#losesRefusals) return receivers;
    let live = 0;
    for (let node = 0; node < states.length; node += 1)
      if ((receivers & (1 << node)) !== 0 && !this.#isSpent(fact, node, states[node] as LocalState, left))
        live |= 1 << node;
    return live;
  }

  #isFrail(node: number): boolean {
    return (this.#world.frail ?? this.#ids).includes(this.#ids[node] as NodeId);
  }

  #isSpent(fact: number, node: number, { index, progress }: LocalState, left: number): boolean {
    const crash = (left & 15) > 0 && this.#isFrail(node);
    const loss = ((left >> budgetBits) & 15) > 0 && this.#isFrail(node);
    const shift = (crash ? 2 : 0) + (loss ? 4 : 0);
    const byState = this.#spent[node] as Uint8Array[];
    let answers = byState[index];
    if (answers === undefined || fact >= answers.length) {
      const longer = new Uint8Array(Math.max(fact + 1, this.#book.size));
      if (answers !== undefined) longer.set(answers);
      byState[index] = longer;
      answers = longer;
    }
    const known = ((answers[fact] as number) >> shift) & 3;
    if (known > 0) return known === 2;
    const { fact: said } = this.#book.at(fact);
    const tells = !this.#world.lost.includes('entries');
    const isDone = said.type === 'sent' && isSpent(said.message, progress, { crash, loss }, tells);
    answers[fact] = (answers[fact] as number) | ((isDone ? 2 : 1) << shift);
    return isDone;
  }

  #expand(at: number): void {
    const width = this.#width;
    const locals = this.#ids.map((_, node) => this.#states.at(at * width + node));
    const set = this.#states.at(at * width + width - 2);
    const left = this.#states.at(at * width + width - 1);
    for (let node = 0; node < locals.length; node += 1) {
      const state = (this.#nodes[node] as LocalStates).at(locals[node] as number);
      for (const [code, name] of plainEvents.entries()) {
        if (!this.#may(node, state, name, left)) continue;
        const spent = name in spends ? 1 << (spends[name as keyof typeof spends] * budgetBits) : 0;
        this.#follow(at, node, code, locals, set, left - spent);
      }
      if (state.isBusy) continue;
      for (const fact of this.#ledger.open(set)) {
        if ((this.#receivers(fact) & (1 << node)) === 0) continue;
        this.#follow(at, node, plainEvents.length + fact, locals, set, left);
      }
    }
  }

  #may(node: number, state: LocalState, name: (typeof plainEvents)[number], left: number): boolean {
    const has = (spend: keyof typeof spends): boolean => ((left >> (spends[spend] * budgetBits)) & 15) > 0;
    switch (name) {
      case 'write':
        return state.mayWrite;
      case 'append':
        return state.mayAppend && !state.isBusy;
      case 'wake':
        return state.mayWake && has(name);
      default:
        return has(name) && this.#isFrail(node);
    }
  }

  readonly #masks: number[] = [];

  /** The nodes that a fact is a message to, one bit each. */
  #receivers(fact: number): number {
    const known = this.#masks[fact];
    if (known !== undefined) return known;
    const { fact: said } = this.#book.at(fact);
    const mask =
      said.type === 'sent' ? said.to.split('').reduce((bits, id) => bits | (1 << this.#ids.indexOf(id)), 0) : 0;
    this.#masks[fact] = mask;
    return mask;
  }

  #follow(at: number, node: number, code: number, locals: readonly number[], set: number, left: number): void {
    const { state, facts, broken } = this.#outcome(node, locals[node] as number, code, set);
    const event = code * this.#ids.length + node;
    if (broken !== undefined) return this.#fail(at, event, broken);
    this.#ledger.open(set);
    const isNews = state !== locals[node] || facts.some((fact) => !this.#ledger.holds(fact));
    if (!isNews) return;
    this.#transitions += 1;
    try {
      const next = [...locals];
      next[node] = state;
      this.#visit(next, this.#ledger.with(set, facts), left, at, event);
    } catch (error) {
      this.#fail(at, event, (error as Error).message);
    }
  }

  #outcome(node: number, local: number, code: number, set: number): Outcome {
    const outcomes = this.#outcomes[node] as Map<number, Outcome>[];
    const known = outcomes[local]?.get(code);
    if (known !== undefined) return known;
    const outcome = this.#compute(node, local, code, set);
    const ofState = outcomes[local] ?? new Map<number, Outcome>();
    outcomes[local] = ofState.set(code, outcome);
    return outcome;
  }

  #compute(node: number, local: number, code: number, set: number): Outcome {
    const states = this.#nodes[node] as LocalStates;
    try {
      const { state, facts } = states.step(states.at(local), this.#event(code));
      const lasting = facts.filter((fact) => fact.type !== 'ended');
      if (lasting.length < facts.length) this.#look(facts[0] as Fact, this.#ledger.open(set));
      return { state: state.index, facts: lasting.map((fact) => this.#book.note(fact).index), broken: undefined };
    } catch (error) {
      return { state: local, facts: [], broken: (error as Error).message };
    }
  }

  #event(code: number): LocalEvent {
    const plain = plainEvents[code];
    if (plain !== undefined) return { type: plain };
    const { fact } = this.#book.at(code - plainEvents.length);
    if (fact.type !== 'sent') throw new Error('only a message is delivered');
    return { type: 'deliver', sender: { id: fact.from }, message: fact.message };
  }

  #fail(at: number, event: number, rule: string): void {
    if (this.#violation !== undefined) return;
    const events = [event];
    for (let state = at; state > 0; state = this.#parents.at(state)) events.push(this.#events.at(state));
    this.#violation = { rule, trace: events.reverse().map((code) => this.#describe(code)) };
  }

  #describe(event: number): string {
    const id = this.#ids[event % this.#ids.length] as NodeId;
    const happened = this.#event(Math.floor(event / this.#ids.length));
    if (happened.type !== 'deliver') return `${id}: ${happened.type}`;
    return `${id} ← ${happened.sender.id}: ${canonical(happened.message)}`;
  }
}
