// Goal: the state machine of the demonstration is deterministic, takes each id once, and survives freezing as it is.
import test from 'ava';
import fc from 'fast-check';
import { Calculator } from '../src/calculator/calculator.ts';
import { calculatorCodec } from '../src/calculator/calculator-codec.ts';
import { calculate, type Operation, operationTypes } from '../src/calculator/operation.ts';
import { type StateDocument, stateText } from '../src/calculator/state-text.ts';

const members = [{ id: 'n1' }];
const change = () => {};
const textOf = (calculator: Calculator) => [...stateText(calculator.freeze())].join('');
const thawed = (calculator: Calculator, rememberedMax?: number) => {
  const image = calculatorCodec.decode(calculatorCodec.encode(calculator.freeze()));
  return new Calculator({ members, ...(rememberedMax === undefined ? {} : { rememberedMax }) }, image as never);
};
const operations = fc.array(
  fc.record({
    id: fc.oneof(fc.integer({ min: 0, max: 30 }).map(String), fc.string({ minLength: 1, unit: 'binary' })),
    type: fc.constantFrom(...operationTypes),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  }),
  { maxLength: 60 },
);

test('an operation gives the new value', (t) => {
  const calculator = new Calculator({ members });
  const apply = (type: Operation['type'], value: number, round: number) =>
    calculator.apply({ id: `${round}`, type, value }, { round, change });
  t.deepEqual(apply('add', 12, 1), { round: 1, value: 12 });
  t.deepEqual(apply('sub', 2, 2), { round: 2, value: 10 });
  t.deepEqual(apply('mul', 3, 3), { round: 3, value: 30 });
  t.deepEqual(apply('div', 4, 4), { round: 4, value: 7.5 });
  t.is(calculator.value, 7.5);
  t.is(calculator.applied, 4);
});

test('an id takes effect once, and its repetition gets the outcome that it had', (t) => {
  const calculator = new Calculator({ members });
  calculator.apply({ id: 'a', type: 'add', value: 5 }, { round: 1, change });
  calculator.apply({ id: 'b', type: 'mul', value: 5 }, { round: 2, change });
  const again = calculator.apply({ id: 'a', type: 'add', value: 5 }, { round: 3, change });
  t.deepEqual(again, { round: 1, value: 5, repeated: true });
  t.is(calculator.value, 25);
  t.is(calculator.applied, 2);
});

test('an id that belongs to another operation is refused', (t) => {
  const calculator = new Calculator({ members });
  calculator.apply({ id: 'a', type: 'add', value: 5 }, { round: 1, change });
  const other = calculator.apply({ id: 'a', type: 'add', value: 6 }, { round: 2, change });
  t.deepEqual(other, { round: 2, value: 5, refused: 'id taken' });
  t.is(calculator.value, 5);
});

test('a division by zero and an overflow are refused, also when they are repeated, and leave the value', (t) => {
  const calculator = new Calculator({ members });
  calculator.apply({ id: 'a', type: 'add', value: 1e308 }, { round: 1, change });
  const refused = [
    calculator.apply({ id: 'b', type: 'div', value: 0 }, { round: 2, change }),
    calculator.apply({ id: 'c', type: 'mul', value: 10 }, { round: 3, change }),
    calculator.apply({ id: 'b', type: 'div', value: 0 }, { round: 4, change }),
  ];
  t.deepEqual(refused, [
    { round: 2, value: 1e308, refused: 'division by zero' },
    { round: 3, value: 1e308, refused: 'overflow' },
    { round: 2, value: 1e308, refused: 'division by zero', repeated: true },
  ]);
});

test('there is no negative zero and nothing that is not finite, whatever is calculated', (t) => {
  const check = (type: Operation['type'], before: number, operand: number) => {
    const { value, refused } = calculate(type, before, operand);
    if (refused === undefined) t.true(Number.isFinite(value) && !Object.is(value, -0));
  };
  fc.assert(fc.property(fc.constantFrom(...operationTypes), fc.double(), fc.double(), check));
});

test('a calculator that was frozen and thawed goes on as if it had not been, with the same bytes', (t) => {
  fc.assert(
    fc.property(operations, operations, fc.integer({ min: 1, max: 20 }), (before, after, rememberedMax) => {
      const plain = new Calculator({ members, rememberedMax });
      let round = 0;
      for (const operation of before) plain.apply(operation, { round: ++round, change });
      const copy = thawed(plain, rememberedMax);
      t.is(textOf(copy), textOf(plain));
      for (const operation of after) {
        round += 1;
        t.deepEqual(copy.apply(operation, { round, change }), plain.apply(operation, { round, change }));
      }
      t.is(textOf(copy), textOf(plain));
      t.deepEqual(calculatorCodec.encode(copy.freeze()), calculatorCodec.encode(plain.freeze()));
    }),
  );
});

test('it remembers so many operations only, and says how many it forgot', (t) => {
  const calculator = new Calculator({ members, rememberedMax: 3 });
  for (let round = 1; round <= 5; round += 1) {
    calculator.apply({ id: `${round}`, type: 'add', value: round }, { round, change });
  }
  const { value, base, forgotten, operations: rows } = JSON.parse(textOf(calculator)) as StateDocument;
  t.deepEqual({ value, base, forgotten }, { value: 15, base: 3, forgotten: 2 });
  t.deepEqual(rows, [
    ['3', 3, 'add', 3, 6],
    ['4', 4, 'add', 4, 10],
    ['5', 5, 'add', 5, 15],
  ]);
  t.is(calculator.applied, 5);
});

test('the text of a state is JSON with an operation a line', (t) => {
  const calculator = new Calculator({ members });
  t.deepEqual(JSON.parse(textOf(calculator)), { value: 0, base: 0, forgotten: 0, operations: [] });
  for (let round = 1; round <= 4_500; round += 1) {
    calculator.apply({ id: `"${round}\n`, type: 'add', value: 1 }, { round, change });
  }
  const document = JSON.parse(textOf(calculator)) as StateDocument;
  t.is(document.operations.length, 4_500);
  t.deepEqual(document.operations[4_499], ['"4500\n', 4_500, 'add', 1, 4_500]);
  t.is(textOf(calculator).split('\n').length, 4_502);
});

test('an image that is too short or too long is refused', (t) => {
  const calculator = new Calculator({ members });
  calculator.apply({ id: 'a', type: 'add', value: 5 }, { round: 1, change });
  const bytes = calculatorCodec.encode(calculator.freeze());
  t.throws(() => calculatorCodec.decode(bytes.subarray(0, -1)), { code: 'PAXAKOS_INVALID' });
  t.throws(() => calculatorCodec.decode(Buffer.concat([bytes, Buffer.of(0)])), { code: 'PAXAKOS_INVALID' });
});
