import type { AppendError, Codec, Refusal } from '../contracts/index.ts';
import {
  AbortedError,
  ConvergedError,
  DisorientedError,
  ExiledError,
  LostError,
  NoQuorumError,
  OverloadedError,
  PassiveError,
  RailroadedError,
  ShutDownError,
  UnacceptableError,
} from '../contracts/index.ts';
import type { AttemptFailure, EncodedRefusal } from '../protocol/index.ts';

/** Makes the error that an application gets out of what the protocol says of a failed attempt. */
export function appendErrorOf(failure: AttemptFailure, codec: Codec, queuedBytesMax: number): AppendError {
  switch (failure.code) {
    case 'converged':
      return new ConvergedError(failure.effect, failure.caughtUp);
    case 'lost':
      return new LostError(failure.effect, failure.leader);
    case 'railroaded':
      return new RailroadedError(failure.round);
    case 'noQuorum':
      return new NoQuorumError(failure.effect, {
        abstentions: refusals(failure.abstentions, codec),
        rejections: refusals(failure.rejections, codec),
        discards: refusals(failure.discards, codec),
        communicationErrors: refusals(failure.unreachable, codec),
      });
    case 'unacceptable':
      return new UnacceptableError(voteData(failure.data, codec));
    case 'passive':
      return new PassiveError(failure.effect);
    case 'disoriented':
      return new DisorientedError(failure.effect);
    case 'exiled':
      return new ExiledError(failure.effect);
    case 'overloaded':
      return new OverloadedError(queuedBytesMax);
    case 'aborted':
      return new AbortedError(failure.effect, undefined);
    case 'shutDown':
      return new ShutDownError(failure.effect);
  }
}

function refusals(encoded: readonly EncodedRefusal[], codec: Codec): Refusal[] {
  return encoded.map(({ node, data }) => ({ node, data: typeof data === 'string' ? data : voteData(data, codec) }));
}

/** What a voter gave with its vote; `undefined` where it gave nothing, or nothing that can be read. */
export function voteData(data: Uint8Array, codec: Codec): unknown {
  if (data.length === 0) return undefined;
  try {
    return codec.decode(data);
  } catch {
    return undefined;
  }
}
