import { createServer } from 'node:net';

const given = new Set<number>();

/** A port of the loopback interface that is free now, and was not given before, from below those that systems hand out, so that no client takes it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (!isFree || given.has(port)) continue;
    given.add(port);
    return port;
  }
}
