/** What is used of a connection: one of `@nats-io/transport-node` and one of the older package `nats` both are like this. */
export interface BusConnection {
  readonly info?: { readonly max_payload: number; readonly version: string } | undefined;
  publish(subject: string, payload: Uint8Array): void;
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: { readonly data: Uint8Array }) => void },
  ): { unsubscribe(): void };
  /** Resolves when the server has taken all that went before. */
  flush(): Promise<void>;
  status(): AsyncIterable<{ readonly type: string }>;
  isClosed(): boolean;
  /** Resolves when it is closed for good. */
  closed(): Promise<unknown>;
  isDraining?(): boolean;
  close(): Promise<void>;
}
