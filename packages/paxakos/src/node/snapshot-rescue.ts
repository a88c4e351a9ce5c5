import { isPaxakosError } from '@paxakos/core';
import { type DataDirectory, nodeIds } from '../demo/data-directory.ts';
import type { DemoNode } from './demo-node.ts';

const retryMs = 500;

/** Gets a snapshot from a peer whenever the peers do not have the entries any more that the node lacks, or it lost its state. */
export function rescueBySnapshot(node: DemoNode, directory: DataDirectory, say: (text: string) => void): void {
  let isBusy = false;
  const rescue = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      while (node.status !== 'stopped' && node.status !== 'failed') {
        const round = await installFrom(node, directory);
        if (round !== undefined) return say(`installed a snapshot of round ${round.toLocaleString('en')}`);
        await new Promise<void>((resolve) => setTimeout(resolve, retryMs).unref());
      }
    } finally {
      isBusy = false;
    }
  };
  node.on('stranded', () => void rescue());
  node.on('eject', () => void rescue());
}

/** The round of the snapshot that was installed, or that the node has reached otherwise. */
async function installFrom(node: DemoNode, directory: DataDirectory): Promise<number | undefined> {
  for (const peer of nodeIds) {
    if (peer === node.id) continue;
    try {
      const url = await directory.urlOf(peer);
      const response = await fetch(`${url}/snapshot`, { signal: AbortSignal.timeout(30_000) });
      if (!response.ok) continue;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const round = Number(response.headers.get('paxakos-round'));
      if (node.status !== 'disoriented' && round <= node.round) continue;
      await node.installSnapshot({ round, bytes });
      return round;
    } catch (error) {
      if (isPaxakosError(error, 'PAXAKOS_STOPPED')) return undefined;
    }
  }
  return undefined;
}
