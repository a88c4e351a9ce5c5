import type { NodeConnectionOptions } from '@nats-io/transport-node';

/** What the client takes; how long the first connection may take is told by `openMsMax`. */
export type ClientOptions = Omit<NodeConnectionOptions, 'waitOnFirstConnect'>;

/** All their names, to tell a misspelt option. */
export const clientOptions: Readonly<Record<keyof ClientOptions, true>> = {
  authenticator: true,
  debug: true,
  ignoreAuthErrorAbort: true,
  ignoreClusterUpdates: true,
  inboxPrefix: true,
  maxPingOut: true,
  maxReconnectAttempts: true,
  name: true,
  noAsyncTraces: true,
  noEcho: true,
  noRandomize: true,
  pass: true,
  pedantic: true,
  pingInterval: true,
  port: true,
  reconnect: true,
  reconnectDelayHandler: true,
  reconnectJitter: true,
  reconnectJitterTLS: true,
  reconnectTimeWait: true,
  resolve: true,
  servers: true,
  timeout: true,
  tls: true,
  token: true,
  user: true,
  verbose: true,
};
