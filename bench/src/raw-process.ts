import type { BusName } from './bench-bus.ts';
import { rawReceiver } from './raw-link.ts';

/** What the receiving process is told when it starts. */
export interface RawSetup {
  readonly bus: Exclude<BusName, 'memory'>;
  readonly url: string;
  /** After how many frames it tells of them. */
  readonly everyFrames: number;
}

process.once('message', ({ bus, url, everyFrames }: RawSetup) => {
  let count = 0;
  const onFrame = (): void => {
    count += 1;
    if (count < everyFrames) return;
    process.send?.(count);
    count = 0;
  };
  void rawReceiver(bus, url, onFrame).then(() => process.send?.('ready'));
});
process.on('disconnect', () => process.exit());
