import { isPaxakosError } from '@paxakos/core';
import type { BusSetting } from '../demo/bus-setting.ts';
import { UsageError } from '../demo/demo-error.ts';
import { deferred } from './deferred.ts';
import { type DemoNodeOptions, startDemoNode } from './demo-node.ts';
import { NodeServer } from './node-server.ts';
import { reasonOf } from './reason-of.ts';

/** What a node's process tells the one that started it. */
export type NodeReport =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'event'; readonly text: string }
  | { readonly type: 'refused'; readonly code: string; readonly reason: string };

/** How to run a node. */
export interface RunNodeOptions extends Omit<DemoNodeOptions, 'bus'> {
  readonly bus: BusSetting;
}

/** What it is told. */
export interface NodeCommand {
  readonly type: 'stop';
}

/**
 * Runs one node in this process until it is told to stop: by its parent, or by SIGTERM. Ends at once when its parent has gone,
 * which is no harm to what it promised. Resolves to the exit code.
 */
export async function runNode(id: string, { directory, bus, isFast }: RunNodeOptions): Promise<number> {
  const stopped = deferred<number>();
  const stop = (): void => stopped.resolve(0);
  process.on('SIGTERM', stop);
  // Ctrl-C reaches the parent too, which then says in what order to stop.
  process.on('SIGINT', process.send === undefined ? stop : () => {});
  process.on('disconnect', () => process.exit(1));
  endIfOrphaned();
  process.on('message', (command: NodeCommand) => command.type === 'stop' && stop());
  try {
    await bus.check(directory);
    const node = await startDemoNode(id, { directory, bus: bus.addressIn(directory), isFast });
    endIfOrphaned();
    node.on('failure', ({ error }) => {
      report({ type: 'event', text: `failed: ${reasonOf(error)}` });
      stopped.resolve(1);
    });
    node.on('hookError', ({ hook, error }) => report({ type: 'event', text: `${hook} failed: ${reasonOf(error)}` }));
    node.on('eject', ({ reason }) => report({ type: 'event', text: `gave up its state: ${reasonOf(reason)}` }));
    node.on('statusChange', ({ from, to }) => report({ type: 'event', text: `${from} → ${to}` }));
    node.on('trouble', ({ trouble: { type, peer, reason = 'no reason given' } }) => {
      // Of the bus as a whole; what concerns one peer shows in that peer.
      if (peer !== undefined || (type !== 'disconnected' && type !== 'reconnected')) return;
      report({ type: 'event', text: type === 'reconnected' ? 'the bus is back' : `the bus is gone: ${reason}` });
    });
    node.on('install', ({ round }) => {
      report({ type: 'event', text: `installed a snapshot of round ${round.toLocaleString('en')}` });
    });
    const server = new NodeServer(node);
    const url = await server.listen();
    await directory.writeUrl(id, url);
    report({ type: 'ready', url });
    if (process.send === undefined) console.error(`node ${id} serves ${url}`);
    const code = await stopped.promise;
    await server.close();
    await node.stop();
    return code;
  } catch (error) {
    const code = isPaxakosError(error) ? error.code : 'FAILED';
    const reason = reasonOf(error);
    report({ type: 'refused', code, reason });
    const isOfBus = code === 'PAXAKOS_TRANSPORT' || code === 'PAXAKOS_INVALID';
    if (process.send === undefined) console.error(`paxakos node: ${isOfBus ? bus.error(reason).message : reason}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** The parent may have gone before anybody listened. Not forked, a process knows of no connection at all. */
function endIfOrphaned(): void {
  if (process.connected === false) process.exit(1);
}

function report(message: NodeReport): void {
  if (process.send === undefined && message.type === 'event') console.error(message.text);
  if (process.connected) process.send?.(message);
}
