import type { NodeInfo, RoundNum } from '@paxakos/core/contracts';
import type { ContentHash } from './content-hash.ts';

/** The version of the messages; those of another one are refused. */
export const messageVersion = 1;
/** The kinds of messages, each known by its place. */
export const messageTypes = ['find', 'have', 'none', 'open', 'pending', 'opened', 'want', 'chunk', 'gone'] as const;

/** What one message names, at most. */
export const membersMax = 32;
export const indexesMax = 1_024;

/** Names the bytes of one snapshot: whoever has them names them so. */
export interface SnapshotName extends ContentHash {
  readonly round: RoundNum;
  readonly length: number;
}

/** What nodes say to each other to hand a snapshot over. An answer repeats the nonce of what it answers. */
export type Message =
  /** Who could give a snapshot that stands after `atLeast` or a later round? */
  | { readonly type: 'find'; readonly nonce: number; readonly atLeast: RoundNum }
  /** This node stands after `round`; it may hold a snapshot already. */
  | { readonly type: 'have'; readonly nonce: number; readonly round: RoundNum; readonly held: SnapshotName | undefined }
  /** Not here; these are the members as this node knows them. */
  | { readonly type: 'none'; readonly nonce: number; readonly members: readonly NodeInfo[] }
  /** Make one ready: any that stands late enough, or best the one that is here in part. */
  | {
      readonly type: 'open';
      readonly nonce: number;
      readonly atLeast: RoundNum;
      readonly resume: SnapshotName | undefined;
    }
  /** It is being made ready. */
  | { readonly type: 'pending'; readonly nonce: number }
  | { readonly type: 'opened'; readonly nonce: number; readonly name: SnapshotName; readonly chunkBytes: number }
  | { readonly type: 'want'; readonly name: SnapshotName; readonly indexes: readonly number[] }
  | { readonly type: 'chunk'; readonly name: SnapshotName; readonly index: number; readonly bytes: Uint8Array }
  /** It is not held any more. */
  | { readonly type: 'gone'; readonly name: SnapshotName };
