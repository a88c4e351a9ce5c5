import type { IncarnationId, Message, NodeId, RoundNum } from '@paxakos/core/contracts';

/** Something that happened, and stays true: what was sent, and may arrive any number of times or never; or what is durable, known or said. */
export type Fact =
  | { readonly type: 'sent'; readonly from: NodeId; readonly to: string; readonly message: Message }
  /** An acceptance is durable. */
  | {
      readonly type: 'accepted';
      readonly node: NodeId;
      readonly incarnation: IncarnationId;
      readonly number: string;
      readonly round: RoundNum;
      readonly text: string;
    }
  /** A promise is durable. */
  | { readonly type: 'promised'; readonly incarnation: IncarnationId; readonly number: string }
  /** A node takes the round for committed, or tells the appender so. */
  | { readonly type: 'known'; readonly round: RoundNum; readonly text: string }
  /** A node says of its entry that it never will be. */
  | { readonly type: 'denied'; readonly text: string }
  /** A life ended, which had promised numbers up to `promised`, for certain. */
  | {
      readonly type: 'ended';
      readonly node: NodeId;
      readonly promised: string | undefined;
      readonly keeps: 'nothing' | 'log' | 'snapshot';
    };
