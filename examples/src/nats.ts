import { type NatsTransport, natsTransport } from '@paxakos/transport-nats';

// The same on every node: one finds the other by its id.
export const transport: NatsTransport = natsTransport({
  servers: ['nats://10.0.0.1:4222', 'nats://10.0.0.2:4222'],
  user: 'orders',
  pass: process.env['NATS_PASSWORD'] ?? '',
  tls: { caFile: '/etc/orders/ca.pem' },
});
