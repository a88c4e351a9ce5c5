import {
  applyWith,
  createNode,
  defineDecoration,
  flagsFromEnvironment,
  type LogEntry,
  type State,
} from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';

type Op = LogEntry<'log', { text: string }>;

class Log implements State<Op, string[]> {
  texts: string[];
  constructor(texts: string[] = []) {
    this.texts = texts;
  }
  apply = applyWith<Op>({ log: ({ text }) => void this.texts.push(text) });
  cluster = () => [{ id: 'a' }];
  freeze = () => [...this.texts];
}

/** A plugin of one's own: counts what this node appends, and how long that takes. */
const appendStats = () =>
  defineDecoration()({
    name: 'appendStats',
    install({ clock, aroundAppend }) {
      const stats = { count: 0, totalMs: 0 };
      aroundAppend((next) => async (entry, options) => {
        const startedAt = clock.now();
        const commit = await next(entry, options);
        stats.count += 1;
        stats.totalMs += clock.now() - startedAt;
        return commit;
      });
      return { read: () => Promise.resolve({ ...stats }) };
    },
  });

const node = await createNode({
  id: 'a',
  state: { create: () => new Log(), thaw: (texts) => new Log(texts) },
  transport: memoryNetwork().transport('a'),
  flags: flagsFromEnvironment(process.env), // PAXAKOS_FLAGS="appendStats=off" makes its calls reject
})
  .with(appendStats())
  .start();

await node.append({ id: '1', type: 'log', text: 'hello' });
console.log((await node.appendStats.read()).count);
await node.stop();
