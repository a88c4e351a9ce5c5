let made = 0;

/** An id that no other entry of this process has. */
export function freshId(): string {
  made += 1;
  return `entry-${made}`;
}
