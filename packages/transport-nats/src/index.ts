export { credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';
export type { BusConnection } from './bus-connection.ts';
export { type NatsTransport, natsTransport } from './nats-transport.ts';
export type { NatsTransportOptions } from './options.ts';
export { transportFromUrl } from './transport-from-url.ts';
