/// <reference lib="esnext.disposable" preserve="true" />
import { randomBytes } from 'node:crypto';
import type { Transport } from '@paxakos/core/contracts';
import { type AuthenticatedOptions, readKeys } from './cluster-key.ts';
import { SealedTransport } from './sealed-transport.ts';

/** How many frames were received and dropped, by cause. */
export interface RejectedFrames {
  /** Altered, or made without the key. */
  readonly forged: number;
  /** Seen before, or older than the last 8,192 of its sender. */
  readonly replayed: number;
  /** Sealed with a key that is not in `keys`, for another cluster, or for another node. */
  readonly foreign: number;
  /** Sealed by a process that has not proven that it runs; a few are usual while nodes start. */
  readonly unverified: number;
}

/** A transport that seals the frames of another one. */
export interface AuthenticatedTransport extends Transport, AsyncDisposable {
  /** What was received and dropped until now. */
  readonly rejected: RejectedFrames;
}

/** Each session ends long before the cipher's limits. */
const sessionFramesMax = 2 ** 40;

/**
 * Wraps a transport, so that every frame is encrypted and authenticated with the cluster's key, and counts once, from a process
 * that runs.
 *
 * Opens and closes the transport that it wraps, whose frames become 108 bytes longer at most. Frames to a peer that has not
 * answered yet wait for it: up to 256 KiB for 1 s. Throws an `InvalidError` that names the option, and never shows a key.
 */
export function authenticated(transport: Transport, options: AuthenticatedOptions): AuthenticatedTransport {
  return new SealedTransport(transport, readKeys(options), {
    random: randomBytes,
    now: () => performance.now(),
    sessionFramesMax,
  });
}
