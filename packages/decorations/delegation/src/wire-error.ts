import {
  AbortedError,
  type AppendError,
  type Codec,
  ConvergedError,
  DecorationAppendError,
  DisorientedError,
  ExiledError,
  InvalidError,
  isPaxakosError,
  LostError,
  NoQuorumError,
  type NoQuorumReasons,
  OverloadedError,
  PassiveError,
  RailroadedError,
  type Refusal,
  ShutDownError,
  UnacceptableError,
} from '@paxakos/core/contracts';
import { errorCodes } from './encode-message.ts';
import type { WireError, WireRefusal } from './message.ts';

/** Longer messages are cut, larger data is left out, so that an answer stays small. */
const messageMax = 1_000;
const dataBytesMax = 16_384;
const refusalsMax = 64;

/** What of an error travels. Whatever is no error of an append may have had an effect. */
export function wireErrorOf(error: unknown, codec: Codec): WireError {
  const message = error instanceof Error ? error.message.slice(0, messageMax) : 'something that is no error was thrown';
  if (isPaxakosError(error, 'PAXAKOS_INVALID')) return { code: 'PAXAKOS_INVALID', effect: 'none', message };
  if (!isAppendError(error) || !errorCodes.includes(error.code))
    return { code: 'PAXAKOS_DECORATION', effect: 'unknown', message };
  const { code, effect } = error;
  const { leader, round, caughtUp, data } = error as Partial<LostError & RailroadedError & ConvergedError> & {
    readonly data?: unknown;
  };
  const bytes = encoded(data, codec);
  return {
    code,
    effect,
    message,
    ...(leader !== undefined && { leader }),
    ...(round !== undefined && { round }),
    ...(caughtUp === true && { isCaughtUp: true }),
    ...(bytes !== undefined && { data: bytes }),
    ...(code === 'PAXAKOS_NO_QUORUM' && { refusals: listsOf(error as NoQuorumError, codec) }),
  };
}

/** Tells an error that says what its effect is, also across copies of core. */
export function isAppendError(error: unknown): error is AppendError {
  return isPaxakosError(error) && 'effect' in error;
}

/** The error as it was at the delegatee. Its message says where that is. */
export function errorOfWire(wire: WireError, delegatee: string, codec: Codec): AppendError | InvalidError {
  const error = rebuilt(wire, codec);
  error.message = `at "${delegatee}": ${wire.message}`;
  return error;
}

function rebuilt(wire: WireError, codec: Codec): AppendError | InvalidError {
  const { code, effect } = wire;
  switch (code) {
    case 'PAXAKOS_CONVERGED':
      return new ConvergedError(effect, wire.isCaughtUp === true);
    case 'PAXAKOS_LOST':
      return new LostError(effect, wire.leader);
    case 'PAXAKOS_RAILROADED':
      return new RailroadedError(wire.round ?? 0);
    case 'PAXAKOS_NO_QUORUM':
      return new NoQuorumError(effect, reasonsOf(wire, codec));
    case 'PAXAKOS_UNACCEPTABLE':
      return new UnacceptableError(decoded(wire.data, codec));
    case 'PAXAKOS_PASSIVE':
      return new PassiveError(effect);
    case 'PAXAKOS_DISORIENTED':
      return new DisorientedError(effect);
    case 'PAXAKOS_EXILED':
      return new ExiledError(effect);
    case 'PAXAKOS_OVERLOADED':
      return new OverloadedError(0);
    case 'PAXAKOS_ABORTED':
      return new AbortedError(effect, undefined);
    case 'PAXAKOS_DECORATION':
      return new DecorationAppendError(effect, undefined);
    case 'PAXAKOS_SHUT_DOWN':
      return new ShutDownError(effect);
    case 'PAXAKOS_INVALID':
      return new InvalidError('entry', undefined, wire.message);
  }
}

function listsOf(reasons: NoQuorumReasons, codec: Codec): readonly (readonly WireRefusal[])[] {
  const { abstentions, rejections, discards, communicationErrors } = reasons;
  return [abstentions, rejections, discards, communicationErrors].map((list) =>
    list.slice(0, refusalsMax).map(({ node, data }) => ({ node, data: encoded(data, codec) })),
  );
}

function reasonsOf({ refusals = [] }: WireError, codec: Codec): NoQuorumReasons {
  const [abstentions = [], rejections = [], discards = [], communicationErrors = []] = refusals.map((list) =>
    list.map(({ node, data }): Refusal => ({ node, data: decoded(data, codec) })),
  );
  return { abstentions, rejections, discards, communicationErrors };
}

/** The data as bytes; none where the codec cannot, or they are too many. */
function encoded(data: unknown, codec: Codec): Uint8Array | undefined {
  if (data === undefined) return undefined;
  try {
    const bytes = codec.encode(data);
    return bytes instanceof Uint8Array && bytes.length <= dataBytesMax ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function decoded(bytes: Uint8Array | undefined, codec: Codec): unknown {
  if (bytes === undefined) return undefined;
  try {
    return codec.decode(bytes.slice());
  } catch {
    return undefined;
  }
}
