/** Says how to bring in a server program that is not on this machine. */
export function missingServer(command: string): Error {
  return new Error(
    `${command} is not installed, and the tests use the real one: on Debian or Ubuntu run ` +
      `"apt-get install nats-server redis-server", on macOS "brew install nats-server redis"`,
  );
}
