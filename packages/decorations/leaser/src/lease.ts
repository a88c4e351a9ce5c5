/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId } from '@paxakos/core/contracts';

/**
 * A lease that this process holds, until `signal` is aborted. It extends itself.
 *
 * Nobody else holds it by their own clock meanwhile, as long as no two clocks differ in their rates by more than `driftMax` allows.
 * Whatever the clocks do, a later holder has a greater `token`: give it to the resource, and let that refuse a lesser one.
 */
export interface Lease extends AsyncDisposable {
  readonly name: string;
  /**
   * The fencing token. Greater than that of any earlier holder, also across failover, snapshots and restarts of all nodes; like the
   * log itself it begins anew where all nodes lose what they keep at once.
   */
  readonly token: number;
  readonly holder: NodeId;
  /**
   * Aborted, with a `LeaseLostError`, the moment the lease is released, lost, or may be lost: where it could not be extended in
   * time, where this node applied that it was cleared, and where the node ejects its state, fails or stops. Where the event loop
   * or the machine stood still past its end, it is when this is read, or a timer goes off, or an entry is applied, whichever is first.
   */
  readonly signal: AbortSignal;
  /** Whether it is held now. Compares the clocks, so it is right also where the event loop stood still and no timer went off. */
  readonly isHeld: boolean;
  /** Until when it is held unless it is extended: milliseconds of the node's clock. */
  readonly expiresAt: number;
  /** Throws `LeaseLostError` unless it is held now. */
  check(): void;
  /**
   * Gives it up: it is not held from now on. Resolves when that is in the log, or when it could not be brought there while it
   * mattered; then it is cleared when its time is over. Never rejects. Idempotent; `await using` does it.
   */
  release(): Promise<void>;
}
