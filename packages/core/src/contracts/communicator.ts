import type { Message } from './message.ts';
import type { NodeInfo } from './node-info.ts';
import type { TransportTrouble } from './transport.ts';

/** What a communicator reports beside what its transport does: frames that it refused. */
export interface CommunicatorTrouble {
  readonly type: TransportTrouble['type'] | 'refused';
  readonly peer?: string;
  readonly count?: number;
  readonly reason?: string;
}

/**
 * What a node needs: typed messages to and from peers, unreliable. `overTransport` makes one out of any transport.
 *
 * Nothing that a peer sends makes it throw, or hold more memory than its limits say.
 */
export interface Communicator {
  /** The sender is named by its id, and by its address where it told one. */
  open(self: NodeInfo, deliver: (sender: NodeInfo, message: Message) => void): Promise<void>;
  /** Never throws, never waits. Messages of one turn of the event loop leave together, in order. */
  send(receivers: readonly NodeInfo[], message: Message): void;
  onTrouble(listener: (trouble: CommunicatorTrouble) => void): void;
  close(): Promise<void>;
}
