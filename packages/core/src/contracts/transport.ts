import type { NodeInfo } from './node-info.ts';
import type { NodeId } from './numbers.ts';

/** Something that went wrong, or right again, on the way to peers. Never fatal: the protocol copes with any loss. */
export interface TransportTrouble {
  readonly type: 'disconnected' | 'reconnected' | 'dropped';
  /** The peer concerned; none for trouble with the bus as a whole. */
  readonly peer?: NodeId;
  /** How many frames were dropped. */
  readonly count?: number;
  readonly reason?: string;
}

/**
 * What a bus package implements: bytes, one way, unreliable, between the nodes of one named cluster.
 *
 * It may lose, repeat or reorder frames. It never alters one, never mixes clusters, and bounds what it queues for a peer
 * that does not read.
 */
export interface Transport {
  /** The largest frame that `send` takes, in bytes. Holds once `open` has resolved; where the bus decides, it may change later. */
  readonly frameBytesMax: number;
  /**
   * Starts to receive what nodes of the same cluster send. Resolves when frames from peers can arrive; rejects with a
   * `TransportError` where that is not to be had. The receiver copies what it keeps of a frame before `deliver` returns, and
   * `deliver` never throws.
   */
  open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void>;
  /** Sends a frame to each receiver, never to `self`. Never throws, never waits; may lose it. The frame is not changed afterwards. */
  send(receivers: readonly NodeInfo[], frame: Uint8Array): void;
  /** Reports trouble to one listener. */
  onTrouble?(listener: (trouble: TransportTrouble) => void): void;
  /** Stops and leaves nothing open. Idempotent; after it `send` drops and `deliver` is not called. */
  close(): Promise<void>;
}
