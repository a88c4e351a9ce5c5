// Goal: what is an operation is taken as it was meant; what is none is refused with a reason that helps.
import test from 'ava';
import { parseOperation } from '../src/calculator/parse-operation.ts';
import { type Line, LineSplitter, lineBytesMax, linesOf } from '../src/node/lines-of.ts';

const parse = (text: string) => parseOperation(text, () => 'made');

test('JSON and the short form are taken', (t) => {
  t.deepEqual(parse('{"type":"add","value":3,"id":"a"}'), { operation: { id: 'a', type: 'add', value: 3 } });
  t.deepEqual(parse(' {"op":"div","value":-0.5}\r'), { operation: { id: 'made', type: 'div', value: -0.5 } });
  t.deepEqual(parse('mul 1e3'), { operation: { id: 'made', type: 'mul', value: 1_000 } });
  t.deepEqual(parse('sub\t-.5'), { operation: { id: 'made', type: 'sub', value: -0.5 } });
  t.true(Object.is(parse('add -0').operation?.value, 0));
});

for (const [text, reason] of [
  ['', /empty/],
  ['{', /not JSON/],
  ['[1]', /neither/],
  ['null', /neither/],
  ['add', /neither/],
  ['add 1 2', /neither/],
  ['pow 2', /type is "pow": give one of add, sub, mul, div/],
  ['add three', /value is "three"/],
  ['add Infinity', /value is "Infinity"/],
  ['add 0x10', /value is "0x10"/],
  ['{"type":"add"}', /value is missing/],
  ['{"value":1}', /type is missing/],
  ['{"type":"add","op":"sub","value":1}', /type is "add", but op is "sub": give one of the two/],
  ['{"type":"toString","value":1}', /type is "toString"/],
  ['{"type":"add","value":"3"}', /value is "3"/],
  ['{"type":"add","value":1e999}', /value is Infinity/],
  ['{"type":"add","value":3,"id":7}', /id is 7/],
  ['{"type":"add","value":3,"id":""}', /id is ""/],
  [`{"type":"add","value":3,"id":"${'x'.repeat(201)}"}`, /id is "x+…/],
] as const) {
  test(`this is no operation: ${text.slice(0, 50)}`, (t) => {
    t.regex(parse(text).reason ?? '', reason);
  });
}

test('bytes are cut into lines wherever their chunks end', async (t) => {
  const text = 'ä\n\nb\r\n€uro\nlast';
  for (let size = 1; size < 12; size += 1) {
    const bytes = Buffer.from(text);
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const lines: Line[] = [];
    for await (const some of linesOf(chunks())) lines.push(...some);
    t.deepEqual(lines, ['ä', '', 'b\r', '€uro', 'last']);
  }
});

test('a line that is too long is told from the others, and not held', (t) => {
  const splitter = new LineSplitter();
  const lines: Line[] = [];
  for (let chunk = 0; chunk < 100; chunk += 1) lines.push(...splitter.push(Buffer.alloc(10_000, 'x')));
  lines.push(...splitter.push(Buffer.from('x\nshort\n')), ...splitter.push(Buffer.alloc(lineBytesMax + 1, 'x')));
  lines.push(...splitter.end());
  t.deepEqual(lines, [undefined, 'short', undefined]);
});
