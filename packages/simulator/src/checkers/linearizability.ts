// Linearizability: each operation seems to take effect at one moment between its call and its answer, and gives what an object
// seen by a single thread would have given then. One that failed without effect has none; one whose answer nobody knows may have
// had one at any moment from its call on (Herlihy and Wing 1990; the search is that of Wing and Gong 1993, with Lowe's memory
// of what was tried). Where several operations may come next, the one with the lowest place in the log is tried first: that decides
// nothing, but leads straight to the order that is right where all is well.
import type { AnyLogEntry } from '@paxakos/core/contracts';
import type { Knowledge } from '../knowledge.ts';
import type { Checker, Complain, Observation, Operation } from '../observation.ts';
import type { SequentialModel } from '../sequential-model.ts';

/** An operation on one object, as its client saw it. */
export interface Call {
  readonly entry: AnyLogEntry;
  /** When it was called, and when its answer came: `Infinity` where none did. Any measure that only grows. */
  readonly from: number;
  to: number;
  outcome: unknown;
  /** Its place in the order that is tried first; last where it has none. */
  place?: number;
}

/** After so many steps of its search a history counts as undecided. */
const stepsMax = 200_000;

/** Whether a history of calls on one object is linearizable; `undefined` where that would take too long to find out. */
export function isLinearizable(model: SequentialModel, calls: readonly Call[]): boolean | undefined {
  const sorted = [...calls].sort((a, b) => a.from - b.from);
  const isDone = sorted.map(() => false);
  const places = sorted.map(({ place }) => place ?? Number.POSITIVE_INFINITY);
  const tried = new Set<string>();
  let left = sorted.filter(({ to }) => to !== Number.POSITIVE_INFINITY).length;
  let steps = 0;
  const search = (state: number | string | boolean, first: number, reached: number): boolean | undefined => {
    if (left === 0) return true;
    steps += 1;
    if (steps > stepsMax) return undefined;
    let start = first;
    while (isDone[start]) start += 1;
    const key = `${String(state)}|${start}|${doneAfter(isDone, start)}`;
    if (tried.has(key)) return false;
    tried.add(key);
    let soonest = Number.POSITIVE_INFINITY;
    for (let index = start; index < sorted.length; index += 1)
      if (!isDone[index]) soonest = Math.min(soonest, (sorted[index] as Call).to);
    const next: number[] = [];
    // What was left out in its place, since nobody knows its answer and it changed nothing there, comes last.
    const rankOf = (index: number): number => {
      const place = places[index] as number;
      return place < reached && sorted[index]?.to === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : place;
    };
    for (let index = start; index < sorted.length && (sorted[index] as Call).from <= soonest; index += 1)
      if (!isDone[index]) next.push(index);
    for (const index of next.sort((a, b) => orderOf(rankOf(a), rankOf(b)) || a - b)) {
      const call = sorted[index] as Call;
      const isAnswered = call.to !== Number.POSITIVE_INFINITY;
      const { state: after, outcome } = model.step(state, call.entry);
      // What nobody knows the answer of, and changes nothing, need not have happened.
      if (isAnswered ? outcome !== call.outcome : after === state) continue;
      isDone[index] = true;
      if (isAnswered) left -= 1;
      const found = search(after, start, Math.max(reached, places[index] as number));
      if (found !== false) return found;
      isDone[index] = false;
      if (isAnswered) left += 1;
    }
    return false;
  };
  return search(model.initial, 0, 0);
}

function orderOf(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

function doneAfter(isDone: readonly boolean[], start: number): string {
  let text = '';
  for (let index = start; index < isDone.length; index += 1) if (isDone[index]) text += `${index},`;
  return text;
}

interface Seen extends Call {
  /** Attempts whose end may be yet to come. */
  open: number;
  isVoid: boolean;
}

/** Checks the history of all clients against the models, at the end of the run. */
export class LinearizabilityChecker implements Checker {
  readonly name = 'linearizability';
  readonly #knowledge: Pick<Knowledge, 'model'>;
  readonly #models: readonly SequentialModel[];
  readonly #complain: Complain;
  readonly #calls = new Map<string, Seen>();
  #moment = 0;
  /** How many objects had a history too long to be judged. */
  undecided = 0;

  constructor(knowledge: Pick<Knowledge, 'model'>, models: readonly SequentialModel[], complain: Complain) {
    this.#knowledge = knowledge;
    this.#models = models;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    this.#moment += 1;
    if (observation.type === 'invoked') this.#invoked(observation.operation);
    if (observation.type !== 'settled') return;
    const { operation, settled } = observation;
    const call = this.#calls.get(operation.entry.id);
    if (call === undefined) return;
    if (settled.kind === 'applied' && call.to === Number.POSITIVE_INFINITY) {
      call.to = this.#moment;
      call.outcome = settled.outcome;
      // A read sees what stands in its round, and comes before what follows.
      call.place = settled.round + 0.5;
    }
    // Every attempt without effect: no operation at all.
    if (settled.kind === 'failed' && settled.effect === 'none') call.open -= 1;
    call.isVoid = call.open === 0;
  }

  #invoked({ entry }: Operation): void {
    const call = this.#calls.get(entry.id);
    if (call === undefined) {
      const to = Number.POSITIVE_INFINITY;
      this.#calls.set(entry.id, { entry, from: this.#moment, to, outcome: undefined, open: 1, isVoid: false });
      return;
    }
    call.open += 1;
    call.isVoid = false;
  }

  end(): void {
    this.#knowledge.model?.entries.forEach((entry, round) => {
      const call = entry && this.#calls.get(entry.id);
      if (call !== undefined) call.place = round;
    });
    for (const model of this.#models) {
      const objects = new Map<string, Seen[]>();
      for (const call of this.#calls.values()) {
        const object = call.isVoid ? undefined : model.objectOf(call.entry);
        if (object === undefined) continue;
        const calls = objects.get(object);
        if (calls === undefined) objects.set(object, [call]);
        else calls.push(call);
      }
      for (const [object, calls] of objects) {
        const verdict = isLinearizable(model, calls);
        if (verdict === undefined) this.undecided += 1;
        if (verdict === false) this.#complain(`the history of ${object} is not linearizable: ${historyOf(calls)}`);
      }
    }
  }
}

function historyOf(calls: readonly Call[]): string {
  return calls
    .map(({ entry, from, to, outcome }) => `${entry.id} ${entry.type} ${from}-${to} ${JSON.stringify(outcome)}`)
    .join('; ');
}
