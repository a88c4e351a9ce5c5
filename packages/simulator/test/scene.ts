import type { AnyLogEntry, CoordNum, Entry, Message, PaxakosEvent } from '@paxakos/core/contracts';
import type { DurableRecord, SnapshotImage } from '@paxakos/core/protocol';
import { checkersFor } from '../src/checkers/checkers-for.ts';
import { Knowledge } from '../src/knowledge.ts';
import { Life } from '../src/life.ts';
import type { Checker, Observation, Settled } from '../src/observation.ts';
import { Scheduler } from '../src/scheduler.ts';
import { sequentialModels } from '../src/sequential-model.ts';
import { testbedFactory } from '../src/testbed-state.ts';

export const incarnations: Readonly<Record<string, string>> = Object.fromEntries(
  ['a', 'b', 'c', 'd'].map((id) => [id, id.repeat(32)]),
);

/** A number of the memory that a node has from the founding on. */
export function numberOf(counter: number, node: string): CoordNum {
  return { counter, node, incarnation: incarnations[node] as string };
}

/** An entry that adds to the testbed's counter. */
export function entryOf(id: string, fields: object = { type: 'add', amount: 1 }): Entry {
  const idBytes = new TextEncoder().encode(id);
  const payload = new TextEncoder().encode(JSON.stringify(fields));
  const bytes = new Uint8Array([1, 0, idBytes.length, ...idBytes, ...payload]);
  return { kind: 'application', id: idBytes, bytes };
}

/** A cluster of a, b and c as the checkers see it, played by hand. */
export class Scene {
  readonly complaints: string[] = [];
  readonly #lives = new Map<string, Life>();
  readonly #scheduler = new Scheduler();
  readonly #checkers: readonly Checker[];
  readonly #knowledge: Knowledge;
  #operations = 0;

  constructor(window = 4) {
    const factory = testbedFactory(['a', 'b', 'c'], window);
    const digest = (state: { freeze(): unknown }): string => JSON.stringify(state.freeze());
    this.#knowledge = new Knowledge({ factory: factory as never, codec: undefined, digest });
    this.#checkers = checkersFor(this.#knowledge, sequentialModels, [], (checker, problem) =>
      this.complaints.push(`${checker}: ${problem}`),
    );
    for (const id of ['a', 'b', 'c']) {
      this.see({ type: 'started', life: this.life(id), as: 'founder' });
      this.record(id, { type: 'identity', cluster: 'test', node: id, incarnation: incarnations[id] as string });
      this.see({ type: 'opened', life: this.life(id) });
    }
    const members = ['a', 'b', 'c'].map((id) => ({ id }));
    const named = members.map(({ id }) => [id, incarnations[id] as string] as const);
    for (const id of ['a', 'b', 'c']) this.record(id, { type: 'founding', founding: { members, incarnations: named } });
  }

  /** The names of the checkers that complained, each once. */
  get complainers(): string[] {
    return [...new Set(this.complaints.map((complaint) => complaint.split(':')[0] as string))];
  }

  life(id: string): Life {
    const life = this.#lives.get(id) ?? new Life(this.#scheduler, id, 1, { rate: 1, base: 0 });
    this.#lives.set(id, life);
    return life;
  }

  /** A node crashes and comes back with its identity, and nothing else but what its storage gives. */
  restart(id: string, found: readonly DurableRecord[], image?: SnapshotImage): void {
    const identity = { type: 'identity', cluster: 'test', node: id, incarnation: incarnations[id] as string } as const;
    this.reopen(id, [identity, ...found], image);
  }

  /** A node crashes and comes back with nothing but what its storage gives. */
  reopen(id: string, found: readonly DurableRecord[], image?: SnapshotImage): void {
    this.see({ type: 'ended', life: this.life(id), how: 'crash' });
    this.#lives.set(id, new Life(this.#scheduler, id, this.life(id).ordinal + 1, { rate: 1, base: 0 }));
    const life = this.life(id);
    if (image !== undefined) this.see({ type: 'restored', life, image });
    for (const record of found) this.see({ type: 'recovered', life, records: [record] });
    this.see({ type: 'opened', life });
  }

  see(observation: Observation): void {
    this.#knowledge.see(observation);
    for (const checker of this.#checkers) checker.see(observation);
  }

  end(): void {
    for (const checker of this.#checkers) checker.end?.();
  }

  send(from: string, message: Message): void {
    this.see({ type: 'sent', life: this.life(from), to: [], message });
  }

  event(id: string, event: PaxakosEvent): void {
    this.see({ type: 'event', life: this.life(id), event });
  }

  write(id: string, record: DurableRecord): void {
    this.see({ type: 'written', life: this.life(id), records: [record] });
  }

  record(id: string, record: DurableRecord): void {
    this.write(id, record);
    this.see({ type: 'durable', life: this.life(id), records: [record] });
  }

  promise(voter: string, number: CoordNum, from = 1): void {
    this.record(voter, { type: 'promise', number });
    if (number.node === voter) return;
    const incarnation = incarnations[voter] as string;
    const through = Number.MAX_SAFE_INTEGER;
    this.send(voter, { type: 'promise', number, incarnation, from, through, accepted: [], committed: 0 });
  }

  /** A node wins the promises of these voters. */
  elect(number: CoordNum, voters: readonly string[]): void {
    this.send(number.node, { type: 'prepare', number, from: 1 });
    for (const voter of voters) this.promise(voter, number);
  }

  propose(number: CoordNum, round: number, entry: Entry): void {
    this.send(number.node, { type: 'propose', number, from: round, entries: [entry] });
  }

  accept(voter: string, number: CoordNum, round: number, entry: Entry): void {
    this.record(voter, { type: 'accept', number, from: round, entries: [entry] });
    if (number.node !== voter) this.answer(voter, number, round);
  }

  answer(voter: string, number: CoordNum, round: number, incarnation: string = incarnations[voter] as string): void {
    this.send(voter, { type: 'acceptance', number, incarnation, from: round, to: round, committed: 0, data: [] });
  }

  commit(id: string, number: CoordNum, round: number): void {
    this.event(id, { type: 'commit', round, number });
  }

  apply(id: string, round: number, entry: AnyLogEntry, counter: number): void {
    const frozen = { members: ['a', 'b', 'c'], window: 4, counter, registers: [], elements: [] };
    const digest = JSON.stringify(frozen);
    this.see({ type: 'applied', life: this.life(id), round, entry, outcome: counter, digest });
  }

  invoke(id: string): AnyLogEntry {
    const entry = { id, type: 'add', amount: 1 } as AnyLogEntry;
    this.#operations += 1;
    this.see({ type: 'invoked', operation: { entry, node: 'a', ordinal: this.#operations } });
    return entry;
  }

  settle(entry: AnyLogEntry, settled: Settled): void {
    this.see({ type: 'settled', operation: { entry, node: 'a', ordinal: this.#operations }, settled });
  }

  /** `a` leads under number 1, and brings an entry to an end in a round: at itself and at b. */
  place(round: number, id: string, counter = round): AnyLogEntry {
    const number = numberOf(1, 'a');
    const appended = this.invoke(id);
    const entry = entryOf(id);
    this.propose(number, round, entry);
    this.accept('a', number, round, entry);
    this.accept('b', number, round, entry);
    this.commit('a', number, round);
    this.apply('a', round, appended, counter);
    this.settle(appended, { kind: 'committed', round });
    this.settle(appended, { kind: 'applied', round, outcome: counter });
    return appended;
  }
}

/** A scene in which `a` leads, with the promises of itself and b. */
export function led(): Scene {
  const scene = new Scene();
  scene.elect(numberOf(1, 'a'), ['a', 'b']);
  return scene;
}
