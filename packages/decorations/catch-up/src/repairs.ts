import type { DecorationHost, NodeInfo } from '@paxakos/core/contracts';
import { Acquaintances } from './acquaintances.ts';
import { Borrower, type CatchUpProgress } from './borrower.ts';
import { type CheckedCatchUpOptions, checkedTime, defaults, type TimeName } from './catch-up-options.ts';
import { decodeMessage } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import { Lender, type Vet } from './lender.ts';
import { Mailbox } from './mailbox.ts';
import type { Message } from './message.ts';
import { Plight } from './plight.ts';

/** Notices that this node needs a snapshot, and tries until it has one; gives snapshots to those that need one. */
export class Repairs {
  readonly #host: DecorationHost;
  readonly #times: Readonly<Record<TimeName, () => number>>;
  readonly #mailbox: Mailbox;
  readonly #acquaintances: Acquaintances;
  readonly #plight: Plight;
  readonly #lender: Lender;
  readonly #borrower: Borrower;
  readonly listeners: Set<(progress: CatchUpProgress | undefined) => void> = new Set();
  #running: Promise<void> | undefined;
  progress: CatchUpProgress | undefined;
  refused = 0;

  constructor(host: DecorationHost, options: CheckedCatchUpOptions) {
    this.#host = host;
    const time = (name: TimeName): (() => number) =>
      host.setting(name, options[name], defaults[name], (value) => checkedTime(name, value));
    const times = {
      checkMs: time('checkMs'),
      stalledMs: time('stalledMs'),
      answerMs: time('answerMs'),
      retryMs: time('retryMs'),
      retryMsMax: time('retryMsMax'),
      snapshotEveryMs: time('snapshotEveryMs'),
      holdMs: time('holdMs'),
    };
    const channel = host.channel('snapshots');
    const { chunkBytes, chunksInFlightMax, snapshotBytesMax } = options;
    this.#times = times;
    this.#mailbox = new Mailbox(host.clock, host.signal);
    this.#acquaintances = new Acquaintances(host.node);
    this.#plight = new Plight(host, times.stalledMs);
    const lending = { host, chunkBytes, snapshotBytesMax, ...times };
    this.#lender = new Lender({ ...lending, send: (peer, message) => channel.send([peer], encodeMessage(message)) });
    this.#borrower = new Borrower({
      host,
      mailbox: this.#mailbox,
      acquaintances: this.#acquaintances,
      snapshotBytesMax,
      chunksInFlightMax,
      answerMs: times.answerMs,
      needed: () => this.#plight.needed,
      send: (peers, message) => channel.send(peers, encodeMessage(message)),
      onProgress: (progress) => this.#report(progress),
    });
    channel.onMessage((sender, bytes) => this.#receive(sender, bytes));
    host.onEvent('eject', () => {
      this.#lender.dropAll();
      void this.#look();
    });
    host.onEvent('install', () => this.#lender.dropAll());
    this.#plight.onChange(() => void this.#look());
    host.poll(() => this.#check());
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  vet(check: Vet): void {
    this.#lender.vets.push(check);
  }

  /** Looks at once, and waits for no other try. Resolves when no snapshot is needed, or the node stops. */
  now(): Promise<void> {
    this.#plight.check();
    const done = this.#look();
    this.#mailbox.wake();
    return done;
  }

  #check(): number {
    this.#plight.check();
    this.#acquaintances.meetMembers();
    void this.#look();
    // Where there is no state, the times are those that it last gave.
    for (const time of Object.values(this.#times)) time();
    return this.#times.checkMs();
  }

  #look(): Promise<void> {
    if (this.#running === undefined && this.#plight.needed !== undefined && !this.#host.signal.aborted)
      this.#running = this.#run()
        .catch((error: unknown) => this.#host.reportError('catchUp', error))
        .finally(() => {
          this.#running = undefined;
        });
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    const { random, signal } = this.#host;
    const { retryMs, retryMsMax } = this.#times;
    for (let delayMs = 0; this.#plight.needed !== undefined && !signal.aborted; ) {
      if (await this.#borrower.attempt()) {
        delayMs = 0;
        continue;
      }
      if (this.#plight.needed === undefined || signal.aborted) break;
      delayMs = Math.min(Math.max(delayMs * 2, retryMs()), retryMsMax());
      await this.#mailbox.sleep(delayMs * (0.5 + random() / 2));
    }
    this.#borrower.forget();
  }

  #receive(sender: NodeInfo, bytes: Uint8Array): void {
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch {
      this.refused += 1;
      return;
    }
    this.#acquaintances.meet(sender);
    if (message.type === 'find') this.#lender.find(sender, message);
    else if (message.type === 'open') this.#lender.open(sender, message);
    else if (message.type === 'want') this.#lender.want(sender, message);
    else if (this.isRunning) this.#mailbox.put({ sender, message });
  }

  #report(progress: CatchUpProgress | undefined): void {
    if (this.progress === progress) return;
    this.progress = progress;
    for (const listener of this.listeners) {
      try {
        listener(progress);
      } catch (error) {
        this.#host.reportError('onProgress', error);
      }
    }
  }
}
