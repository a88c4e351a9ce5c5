export { type Certificates, certificates } from './certificates.ts';
export { freePort } from './free-port.ts';
export { missingServer } from './missing-server.ts';
export { type NatsServer, type NatsServerOptions, natsCluster, natsServer } from './nats-server.ts';
export { redisCluster } from './redis-cluster.ts';
export { type RedisServer, type RedisServerOptions, redisServer } from './redis-server.ts';
export { ServerProcess, type ServerProgram } from './server-process.ts';
export { TcpProxy } from './tcp-proxy.ts';
