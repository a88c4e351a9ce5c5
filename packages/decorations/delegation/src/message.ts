import type { AppendErrorCode, AppendLeadership, Effect, NodeId, RoundNum } from '@paxakos/core/contracts';

/** An append error as it travels. Data is as the codec made it. */
export interface WireError {
  readonly code: AppendErrorCode | 'PAXAKOS_INVALID';
  readonly effect: Effect;
  readonly message: string;
  readonly leader?: NodeId;
  readonly round?: RoundNum;
  readonly isCaughtUp?: boolean;
  readonly data?: Uint8Array;
  /** Abstentions, rejections, discards, communication errors. */
  readonly refusals?: readonly (readonly WireRefusal[])[];
}

export interface WireRefusal {
  readonly node: NodeId;
  readonly data: Uint8Array | undefined;
}

/** What is to be appended, and how. */
export interface AppendItem {
  readonly type: 'append';
  readonly id: number;
  readonly leadership: AppendLeadership;
  /** Whether the receiver must refuse where another node seems to lead. */
  readonly mustLead: boolean;
  readonly from: RoundNum | undefined;
  readonly to: RoundNum | undefined;
  readonly entryId: string;
  readonly payload: Uint8Array;
}

/** What an appender says of one of its requests: append it; what came of it; append it no more. */
export type RequestItem =
  | AppendItem
  | { readonly type: 'again'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number };

/** What came of a request. `missing`: it never came. `forgotten`: it is too old to tell. Neither will be appended by itself. */
export type AnswerItem =
  | { readonly type: 'committed'; readonly id: number; readonly round: RoundNum }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError }
  | { readonly type: 'missing'; readonly id: number }
  | { readonly type: 'forgotten'; readonly id: number };

/** Everything that appenders and delegatees say to each other. */
export type Message =
  /** Asks for a session. */
  | { readonly type: 'hello'; readonly nonce: string }
  /** Gives a session, which lasts no longer than this life of the delegatee. */
  | { readonly type: 'welcome'; readonly nonce: string; readonly session: string }
  /** `floor`: all requests below it have come to an end for the appender. */
  | {
      readonly type: 'requests';
      readonly session: string;
      readonly floor: number;
      readonly items: readonly RequestItem[];
    }
  | { readonly type: 'answers'; readonly session: string; readonly items: readonly AnswerItem[] }
  /** There is no such session: nothing of it will be appended any more. */
  | { readonly type: 'unknownSession'; readonly session: string };
