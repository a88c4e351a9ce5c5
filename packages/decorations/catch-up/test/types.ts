// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { defineDecoration, required } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import { type CatchUp, type CatchUpProgress, catchUp } from '../src/index.ts';
import { type Frozen, Sum } from './test-state.ts';

const state = { create: (): Sum => new Sum({} as Frozen), thaw: (frozen: Frozen): Sum => new Sum(frozen) };
const builder = createNode<Sum>({ id: 'a', state, transport: memoryNetwork().transport('a') });
const user = () =>
  defineDecoration()({
    name: 'user',
    needs: { catchUp: required<CatchUp>() },
    inert: { isBusy: () => false },
    install: ({ uses }) => ({ isBusy: (): boolean => uses.catchUp.isCatchingUp }),
  });
const verify = (confirms: () => unknown) =>
  defineDecoration()({ name: 'verify', inert: { confirms }, install: () => ({ confirms }) });

/** What needs it comes after it; it takes the state's type where an interval depends on the state. */
export async function inOrder(): Promise<CatchUpProgress | undefined> {
  const node = await builder
    .with(verify(async () => true) as ReturnType<typeof goodVerify>)
    .with(catchUp<Sum>({ retryMs: ({ retryMs }) => retryMs, chunkBytes: 4_096 }))
    .with(user())
    .start();
  node.catchUp.onProgress((progress) => progress?.bytesReceived)();
  await node.catchUp.now();
  node.catchUp.vet(({ round }) => round > 5);
  return node.user.isBusy() ? node.catchUp.progress : undefined;
}

const goodVerify = () =>
  defineDecoration()({ name: 'verify', install: () => ({ confirms: async (round: number) => round > 0 }) });

/** Misuse does not compile. */
export function misuse(): void {
  // @ts-expect-error: install it first
  builder.with(user()).with(catchUp());
  // @ts-expect-error: it is installed already
  builder.with(catchUp()).with(catchUp());
  // @ts-expect-error: a verify that cannot confirm
  builder.with(verify(() => 5)).with(catchUp());
  // @ts-expect-error: there is no such option
  catchUp({ retry: 3 });
  // @ts-expect-error: a number, or what makes one of the state
  catchUp({ retryMs: '3' });
  // @ts-expect-error: this state has no such property
  catchUp<Sum>({ retryMs: ({ waitMs }) => waitMs });
  // @ts-expect-error: no size depends on the state
  catchUp<Sum>({ chunkBytes: ({ retryMs }) => retryMs });
}
