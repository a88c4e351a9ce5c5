import { InvalidError, type NodeInfo, type Transport, type TransportTrouble } from '@paxakos/core/contracts';

/**
 * Makes any transport take only small frames, so that whatever speaks over it must send in parts what is longer.
 *
 * Everything else is the transport's own. Throws an `InvalidError` for a limit that is no integer from 1.
 */
export function limited(transport: Transport, frameBytesMax: number): Transport {
  if (!Number.isSafeInteger(frameBytesMax) || frameBytesMax < 1)
    throw new InvalidError('frameBytesMax', frameBytesMax, 'give an integer from 1');
  let listener: ((trouble: TransportTrouble) => void) | undefined;
  let own: NodeInfo | undefined;
  const drop = ({ id }: NodeInfo): void => {
    try {
      listener?.({ type: 'dropped', peer: id, count: 1, reason: 'the frame is longer than the limit' });
    } catch {
      // The listener's own business.
    }
  };
  return {
    get frameBytesMax() {
      return Math.min(frameBytesMax, transport.frameBytesMax);
    },
    open(self, deliver, cluster) {
      own = self;
      return transport.open(self, deliver, cluster);
    },
    send(receivers, frame) {
      if (frame.byteLength <= frameBytesMax) transport.send(receivers, frame);
      else for (const receiver of receivers) if (receiver.id !== own?.id) drop(receiver);
    },
    onTrouble(told) {
      listener = told;
      transport.onTrouble?.(told);
    },
    close: () => transport.close(),
  };
}
