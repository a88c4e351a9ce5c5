import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnectionImpl, type NodeConnectionOptions } from '@nats-io/transport-node';
import { TransportError } from '@paxakos/core/contracts';
import type { BusConnection } from './bus-connection.ts';
import { withOwnSockets } from './own-sockets.ts';

/** What a connection of this transport's own is like, unless the application says otherwise. */
const defaults: NodeConnectionOptions = {
  name: 'paxakos',
  maxReconnectAttempts: -1,
  ignoreAuthErrorAbort: true,
  reconnectTimeWait: 100,
  reconnectJitter: 200,
  reconnectJitterTLS: 200,
  pingInterval: 1_000,
  maxPingOut: 3,
  timeout: 3_000,
  noEcho: true,
};

const retryMs = 100;

/** Connects, and tries again for a while where no server answers. Rejects with a `TransportError` that says what to do. */
export async function connectToServer(
  client: NodeConnectionOptions,
  timeMsMax: number,
  signal: AbortSignal,
): Promise<BusConnection> {
  const end = performance.now() + timeMsMax;
  for (;;) {
    try {
      const timeout = Math.max(1, Math.min(client.timeout ?? 3_000, end - performance.now()));
      return await withOwnSockets((current) => connect(optionsOf(client, timeout, current)), signal);
    } catch (cause) {
      if (signal.aborted) throw new TransportError('the transport was closed while it opened');
      const final = finalReason(cause, client);
      if (final !== undefined) throw new TransportError(final, { cause });
      if (performance.now() + retryMs > end) throw unreachable(client, timeMsMax, cause);
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }
}

function optionsOf(
  client: NodeConnectionOptions,
  timeout: number,
  current: () => AbortSignal | undefined,
): NodeConnectionOptions {
  const { tls } = client;
  if (!tls) return { ...defaults, ...client, timeout };
  // For `tls.connect`: no channel tells of a socket that begins with the handshake. It takes no notice of one aborted before.
  const withSignal = {
    ...tls,
    get signal(): AbortSignal | undefined {
      return current();
    },
  };
  return { ...defaults, ...client, timeout, tls: withSignal };
}

/**
 * Ends whatever socket a connection of our own has. The client leaves one to itself that was made while it was closed, and waits
 * for its last bytes to go where nothing goes any more.
 */
export function discardSocket(bus: BusConnection): void {
  (bus as unknown as NatsConnectionImpl).protocol.transport.discard();
}

const tlsCodes = /\b(ERR_(TLS|SSL|OSSL)\w*|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED\w*|DEPTH_ZERO\w*)|does not support 'tls'/;

/** Why it makes no sense to try again; `undefined` where a server may yet come up. */
function finalReason(cause: unknown, client: NodeConnectionOptions): string | undefined {
  const text = everything(cause);
  const at = addressOf(client);
  if (/AuthorizationError|AuthenticationExpired|NKeysError|(^|; )\w*Error: nkeys?\b/.test(text)) {
    return `the NATS server at ${at} refused the credentials: correct user and pass, token, or authenticator`;
  }
  if (client.tls && /doesn't exist|ENOENT|EACCES/.test(text)) {
    return `a file that tls names cannot be read (${firstLine(text)}): correct tls.caFile, tls.certFile and tls.keyFile`;
  }
  if (tlsCodes.test(text)) {
    return `no trusted TLS connection to the NATS server at ${at}: give tls with its authority (ca or caFile), and tls only where the server offers it (${firstLine(text)})`;
  }
  if (/InvalidArgumentError|TypeError/.test(text)) return `the NATS client takes no such options: ${firstLine(text)}`;
  return undefined;
}

function unreachable(client: NodeConnectionOptions, timeMsMax: number, cause: unknown): TransportError {
  const why = firstLine(everything(cause));
  const { tls } = client;
  // A server that misses one just ends the connection.
  const isEnded = !/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(why);
  const isNameless = isEnded && tls && tls.cert === undefined && tls.certFile === undefined;
  const also = isNameless ? ', or give tls.certFile and tls.keyFile where it asks for a certificate' : '';
  return new TransportError(
    `no NATS server answers at ${addressOf(client)} (${why}), for ${timeMsMax} ms: start it, or correct servers${also}`,
    { cause },
  );
}

function addressOf({ servers, port }: NodeConnectionOptions): string {
  if (servers === undefined || servers.length === 0) return `127.0.0.1:${port ?? 4222}`;
  return typeof servers === 'string' ? servers : servers.join(', ');
}

function everything(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; each instanceof Error && parts.length < 5; each = each.cause) {
    parts.push(`${each.name}: ${each.message} ${(each as NodeJS.ErrnoException).code ?? ''}`.trim());
  }
  return parts.join('; ') || String(error);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}
