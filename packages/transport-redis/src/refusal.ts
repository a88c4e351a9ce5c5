import { TransportError } from '@paxakos/core/contracts';
import { serverWords } from './server-words.ts';

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
    /unknown command.*(auth|hello)\b/i,
    ({ where }) => `${where} does not know AUTH: leave out username and password, or run a server that has logins`,
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
    /EPROTO|ERR_SSL|wrong version number/i,
    ({ where }) => `${where} does not speak TLS: write redis:// and leave out tls, or give its port for TLS`,
  ],
];

/** Why `open` must reject at once; undefined where it may try again. */
export function finalRefusal(error: unknown, context: RefusalContext): TransportError | undefined {
  if (error instanceof TransportError) return error;
  const sign = signOf(error);
  const text = final.find(([pattern]) => pattern.test(sign))?.[1](context);
  return text === undefined ? undefined : refusal(text, error);
}

/** Why `open` rejects after it has tried for long. */
export function lateRefusal(error: unknown, context: RefusalContext): TransportError {
  const { where, isTls, openMsMax } = context;
  const sign = signOf(error);
  const late = `within openMsMax, ${openMsMax} ms`;
  if (isTls && /^(CLOSED|ECONNRESET|ETIMEDOUT|$)/.test(sign)) {
    return refusal(
      `${where} did not begin TLS ${late}: give its port for TLS, or write redis:// and leave out tls`,
      error,
    );
  }
  if (/^(CLOSED|ECONNRESET)/.test(sign)) {
    const remedy = 'if it speaks TLS, write rediss:// or give tls; else see its log';
    return refusal(`${where} closed each connection at once: ${remedy}`, error);
  }
  if (/^E(CONNREFUSED|CONNABORTED|TIMEDOUT|NOTFOUND|AI_|HOST|NET|PIPE|ADDR|ACCES|NOENT)/.test(sign)) {
    return refusal(`${where} cannot be reached ${late}: correct url, or start it`, error);
  }
  if (sign === '') return refusal(`${where} did not answer ${late}: correct url, or see its log`, error);
  return refusal(`${where} let nobody in ${late}: see its log`, error);
}

function refusal(text: string, error: unknown): TransportError {
  const sign = signOf(error);
  const message = `the Redis server at ${text}`;
  // Not the error itself: the client library adds the command to it, which may hold the password.
  return sign === ''
    ? new TransportError(message)
    : new TransportError(`${message} (${sign})`, { cause: new Error(sign) });
}

/** The server's own words, or the code of the system's and what it is about. */
function signOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  const message = serverWords(error.message);
  if (code === undefined) return message;
  return message === '' || message.includes(code) ? code : `${code}: ${message}`;
}
