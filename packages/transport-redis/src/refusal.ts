import { TransportError } from '@paxakos/core/contracts';

/** What an error is explained with. */
export interface RefusalContext {
  /** Host and port. */
  readonly where: string;
  readonly isTls: boolean;
  readonly isSharded: boolean;
  /** The pattern of the cluster's channels. */
  readonly channels: string;
  readonly openMsMax: number;
}

type Explanation = readonly [sign: RegExp, text: (context: RefusalContext) => string];

// Trying again would not help, or worse, lock a user out.
const final: readonly Explanation[] = [
  [/^WRONGPASS|invalid password/, ({ where }) => `${where} refused the login: correct username and password`],
  [
    /^NOAUTH/,
    ({ where }) => `${where} asks for a login: give password, and username if it has users, or both in the url`,
  ],
  [
    /^NOPERM/,
    ({ where, channels, isSharded }) => {
      const rights = isSharded ? '+ssubscribe +spublish' : '+subscribe +publish';
      return `${where} does not let this user use the channels ${channels}: allow it ${rights} +ping &${channels}`;
    },
  ],
  [
    /^DENIED/,
    ({ where }) => `${where} is in protected mode: give it a password, or bind it to an address that you trust`,
  ],
  [
    /unknown command/i,
    ({ where, isSharded }) =>
      isSharded
        ? `${where} is too old for sharded channels, or forbids them: run Redis 7 or newer, or give the url of a server alone`
        : `${where} lacks a command: allow subscribe, publish and ping`,
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT/,
    ({ where }) =>
      `the certificate of ${where} is not trusted: give tls with its authority as ca, or ?ca= in an address`,
  ],
  [
    /EPROTO|ERR_SSL|wrong version number|before secure TLS/i,
    ({ where }) => `${where} does not speak TLS: write redis:// and leave out tls, or give its port for TLS`,
  ],
];

const transient: readonly Explanation[] = [
  [
    /^CLOSED/,
    ({ where, isTls }) =>
      isTls
        ? `${where} closed each connection at once: correct url, and see the log of the server`
        : `${where} closed each connection at once: if it speaks TLS, write rediss:// or give tls; else see the log of the server`,
  ],
  [
    /E[A-Z]{5,}|ENOENT/,
    ({ where, openMsMax }) => `${where} cannot be reached within openMsMax, ${openMsMax} ms: correct url, or start it`,
  ],
];

/** Why `open` must reject at once; undefined where it may try again. */
export function finalRefusal(error: unknown, context: RefusalContext): TransportError | undefined {
  if (error instanceof TransportError) return error;
  return explain(error, final, context);
}

/** Why `open` rejects after it has tried for long. */
export function lateRefusal(error: unknown, context: RefusalContext): TransportError {
  const { where, openMsMax } = context;
  const detail = error === undefined ? 'did not answer' : `said "${signOf(error)}"`;
  return (
    explain(error, transient, context) ??
    new TransportError(`the Redis server at ${where} ${detail} for openMsMax, ${openMsMax} ms: see its log`, {
      cause: plain(error),
    })
  );
}

function explain(error: unknown, all: readonly Explanation[], context: RefusalContext): TransportError | undefined {
  const sign = signOf(error);
  const text = all.find(([pattern]) => pattern.test(sign))?.[1](context);
  return text === undefined
    ? undefined
    : new TransportError(`the Redis server at ${text} (${sign})`, { cause: plain(error) });
}

/** The server's own words, or the code of the system's and what it is about. */
function signOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return message;
  return message === '' || message.includes(code) ? code : `${code}: ${message}`;
}

/** An error without what the client library adds to it: the command, which may hold the password. */
function plain(error: unknown): Error | undefined {
  return error === undefined ? undefined : new Error(signOf(error));
}
