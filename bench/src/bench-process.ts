import { BenchNode, type BenchNodeSetup, type Load, type LoadResult } from './bench-node.ts';

/** What a node's process is told. */
export type BenchCommand =
  | { readonly type: 'start'; readonly setup: BenchNodeSetup }
  | { readonly type: 'run'; readonly load: Load }
  | { readonly type: 'stop' };

/** What it answers: one answer to each command. */
export type BenchAnswer =
  | { readonly type: 'done'; readonly result?: LoadResult }
  | { readonly type: 'failed'; readonly reason: string };

let node: BenchNode | undefined;

async function obey(command: BenchCommand): Promise<LoadResult | undefined> {
  if (command.type === 'run') return await node?.run(command.load);
  if (command.type === 'start') node = await BenchNode.start(command.setup);
  else await node?.stop();
  return undefined;
}

process.on('message', (command: BenchCommand) => {
  const answer = (text: BenchAnswer) => process.send?.(text, () => command.type === 'stop' && process.disconnect());
  obey(command).then(
    (result) => answer({ type: 'done', ...(result === undefined ? {} : { result }) }),
    (error: unknown) => answer({ type: 'failed', reason: (error as Error).message }),
  );
});
