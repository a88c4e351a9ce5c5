export type { AppendLeadership, AppendOptions, Commit, RetryContext, RetryPolicy } from './append.ts';
export type { Clock, Random } from './clock.ts';
export type { Codec } from './codec.ts';
export type { Communicator, CommunicatorTrouble } from './communicator.ts';
export type {
  AppendFunction,
  Channel,
  Decoration,
  DecorationDefinition,
  DecorationHost,
  DueTimer,
  GoverningCluster,
  Later,
  MandateSeen,
  Need,
  Needs,
  OfState,
  OpenRounds,
  ReadFunction,
  Stability,
  Uses,
  VoteSeen,
} from './decoration.ts';
export { defineDecoration, later, optional, required } from './decoration.ts';
export type {
  AppendErrorCode,
  DecorationErrorCode,
  Effect,
  NoQuorumReasons,
  Refusal,
  StorageErrorCode,
} from './errors.ts';
export {
  AbortedError,
  AppendError,
  ConvergedError,
  DecorationAppendError,
  DecorationError,
  DisorientedError,
  ExiledError,
  InvalidError,
  InvariantViolation,
  isPaxakosError,
  LostError,
  NoQuorumError,
  OverloadedError,
  PassiveError,
  PaxakosError,
  RailroadedError,
  ShutDownError,
  SlowConsumerError,
  SnapshotError,
  StoppedError,
  StorageError,
  TransportError,
  UnacceptableError,
} from './errors.ts';
export type { EventOfType, PaxakosEvent } from './event.ts';
export type { AnyLogEntry, EntryOfType, LogEntry, OutcomeOf } from './log-entry.ts';
export type {
  AbstentionMessage,
  AcceptanceMessage,
  ChannelMessage,
  CommitMessage,
  ConvergedMessage,
  EntriesMessage,
  Entry,
  EntryKind,
  FetchMessage,
  FoundedMessage,
  Founding,
  Incarnations,
  InquireMessage,
  MeetMessage,
  Message,
  PrepareMessage,
  ProgressMessage,
  PromiseMessage,
  Proposal,
  ProposeMessage,
  RejectionMessage,
  RejoinMessage,
  SeenVote,
  SupplantedMessage,
} from './message.ts';
export type { NodeInfo } from './node-info.ts';
export type { CoordNum, IncarnationId, NodeId, RoundNum, RoundRange } from './numbers.ts';
export type { Consistency, EventsOptions, PaxakosNode, ReadOptions } from './paxakos-node.ts';
export type { Snapshot } from './snapshot.ts';
export type { ApplyContext, ApplyHandlers, State, StateFactory } from './state.ts';
export type { Participation, Status } from './status.ts';
export type { LogRecord, Storage, StoredLog, StoredSnapshot } from './storage.ts';
export type { Transport, TransportTrouble } from './transport.ts';
export type { Candidacy, CandidateVote, ProposalSeen, ProposalVote, Voter } from './voter.ts';
