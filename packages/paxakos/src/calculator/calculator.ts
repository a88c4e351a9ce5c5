import type { ApplyContext, NodeInfo, State, StateFactory } from '@paxakos/core';
import { History, type HistoryColumns } from './history.ts';
import { calculate, type Operation, type Outcome } from './operation.ts';

/** How many operations a calculator remembers by default: an id that is younger takes effect once only. */
export const rememberedMax: number = 2 ** 19;

/** A calculator at rest. */
export interface CalculatorImage extends HistoryColumns {
  readonly value: number;
  /** The value before the oldest operation that is remembered. */
  readonly base: number;
  /** How many operations are not remembered any more. */
  readonly forgotten: number;
}

/** What a calculator is made with. */
export interface CalculatorOptions {
  readonly members: readonly NodeInfo[];
  /** How many operations it remembers. Default: 524,288. */
  readonly rememberedMax?: number;
}

/**
 * One number and the operations that made it. Each operation takes effect once per id: committed again, as happens when a client
 * tries again elsewhere, it changes nothing and gets the outcome it had. That holds as long as it is among the last
 * `rememberedMax` ones.
 */
export class Calculator implements State<Operation, CalculatorImage> {
  readonly #members: readonly NodeInfo[];
  readonly #history: History;
  #value: number;
  #base: number;
  #forgotten: number;

  constructor(options: CalculatorOptions, image?: CalculatorImage) {
    const { members, rememberedMax: lengthMax = rememberedMax } = options;
    this.#members = members;
    this.#history = image === undefined ? new History(lengthMax) : History.thaw(image, lengthMax);
    this.#value = image?.value ?? 0;
    this.#base = image?.base ?? 0;
    this.#forgotten = image?.forgotten ?? 0;
  }

  get value(): number {
    return this.#value;
  }

  /** How many operations took effect, or were refused, since the beginning. */
  get applied(): number {
    return this.#forgotten + this.#history.length;
  }

  apply(operation: Operation, { round }: ApplyContext): Outcome {
    const known = this.#history.find(operation.id);
    if (known !== undefined) {
      const isSame = known.type === operation.type && known.operand === operation.value;
      if (!isSame) return { round, value: this.#value, refused: 'id taken' };
      const outcome = { round: known.round, value: known.value, repeated: true } as const;
      return known.refused === undefined ? outcome : { ...outcome, refused: known.refused };
    }
    const { value = this.#value, refused } = calculate(operation.type, this.#value, operation.value);
    this.#value = value;
    const gone = this.#history.add(operation, round, value, refused);
    if (gone !== undefined) {
      this.#base = gone.value;
      this.#forgotten += 1;
    }
    return refused === undefined ? { round, value } : { round, value, refused };
  }

  cluster(): readonly NodeInfo[] {
    return this.#members;
  }

  freeze(): CalculatorImage {
    return { value: this.#value, base: this.#base, forgotten: this.#forgotten, ...this.#history.freeze() };
  }
}

/** How a node makes calculators. */
export function calculatorFactory(options: CalculatorOptions): StateFactory<Calculator, CalculatorImage> {
  return {
    create: () => new Calculator(options),
    thaw: (image) => new Calculator(options, image),
  };
}
