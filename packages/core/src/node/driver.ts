import type { Clock, Communicator, DecorationHost, LogRecord, Message, NodeInfo, Storage } from '../contracts/index.ts';
import type { DurableRecord, Effect, Input, Replica, ReplicaEvent, Settlement } from '../protocol/index.ts';
import { readHistory } from './history.ts';
import { encodeRecord } from './record-codec.ts';

/** What a driver is made of. */
export interface DriverParts {
  readonly replica: Replica;
  readonly storage: Storage;
  readonly communicator: Communicator;
  readonly clock: Clock;
  readonly messageEntryBytesMax: number;
  onApply(proposals: Extract<Effect, { type: 'apply' }>['proposals']): void;
  onSettle(key: number, settlement: Settlement): void;
  onEvent(event: ReplicaEvent): void;
  onChannel(sender: NodeInfo, channel: string, bytes: Uint8Array): void;
  /** After each round of inputs, when all effects have been carried out. */
  onIdle(): void;
  /** The storage failed, or an invariant is broken. */
  onFailure(error: unknown): void;
}

/** Feeds the replica and carries out its effects, in order, one input after the other. */
export class Driver {
  readonly #parts: DriverParts;
  #inputs: Input[] = [];
  /** Inputs wait, too, until `begin`. */
  #running = true;
  #hasBegun = false;
  #halted = false;
  #cancelTimer: (() => void) | undefined;
  #records: LogRecord[] = [];
  #thens: Effect[] = [];
  #ticket = 0;
  /** Bytes given to the storage since this was last set to 0. */
  bytesWritten = 0;
  /** Resolves when all that was given to the storage is durable. */
  written: Promise<void> = Promise.resolve();
  #serving = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /** Whether inputs have an effect already. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether inputs still have an effect. */
  get halted(): boolean {
    return this.#halted;
  }

  /** Takes up the inputs that have come so far, and from now on each as it comes. */
  begin(): void {
    this.#hasBegun = true;
    this.#running = false;
    if (this.#inputs.length > 0) this.#run();
  }

  deliver(sender: NodeInfo, message: Message): void {
    if (message.type === 'channel') this.#parts.onChannel(sender, message.channel, message.bytes);
    else this.feed({ type: 'message', sender, message });
  }

  feed(input: Input): void {
    if (this.#halted) return;
    this.#inputs.push(input);
    if (!this.#running) this.#run();
  }

  /** Carries out effects that came from elsewhere than a step. */
  perform(effects: readonly Effect[]): void {
    this.#guard(() => {
      for (const effect of effects) this.#perform(effect);
    });
    this.#write();
    this.#parts.onIdle();
  }

  /** Nothing that comes has an effect any more. */
  halt(): void {
    this.#halted = true;
    this.#inputs = [];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #run(): void {
    const { replica, clock } = this.#parts;
    this.#running = true;
    this.#guard(() => {
      for (let index = 0; index < this.#inputs.length; index += 1) {
        const effects = replica.step(this.#inputs[index] as Input, clock.now());
        for (const effect of effects) this.#perform(effect);
      }
    });
    this.#inputs = [];
    this.#write();
    this.#running = false;
    this.#parts.onIdle();
  }

  /** A broken invariant is the one thing that a step throws; the node must not go on. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.halt();
      this.#parts.onFailure(error);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        return this.#persist(effect.ticket, effect.records, effect.then);
      case 'send':
        return this.#parts.communicator.send(effect.to, effect.message);
      case 'apply':
        return this.#parts.onApply(effect.proposals);
      case 'serve':
        return this.#serve(effect);
      case 'settle':
        return this.#parts.onSettle(effect.key, effect.settlement);
      case 'emit':
        return this.#parts.onEvent(effect.event);
      case 'wakeAt':
        return this.#wakeAt(effect.at);
    }
  }

  #wakeAt(at: number): void {
    this.#cancelTimer?.();
    const { clock } = this.#parts;
    this.#cancelTimer = clock.after(Math.max(0, at - clock.now()), () => this.feed({ type: 'time' }));
  }

  #persist(ticket: number, records: readonly DurableRecord[], then: readonly Effect[]): void {
    for (const record of records) {
      const encoded = encodeRecord(record);
      for (const part of encoded.parts) this.bytesWritten += part.length;
      this.#records.push(encoded);
    }
    for (const effect of then) this.#thens.push(effect);
    this.#ticket = ticket;
  }

  /** One write for all that was recorded since the last one; what waits for it follows when it is durable. */
  #write(): void {
    const ticket = this.#ticket;
    if (ticket === 0) return;
    const records = this.#records;
    const thens = this.#thens;
    this.#records = [];
    this.#thens = [];
    this.#ticket = 0;
    // In a function of its own, so that what the storage throws is a rejection too.
    const append = async (): Promise<void> => this.#parts.storage.append(records);
    this.written = append().then(
      () => this.#durable(ticket, thens),
      (error: unknown) => this.#failed(error),
    );
  }

  #durable(ticket: number, thens: readonly Effect[]): void {
    if (this.#halted) return;
    this.#guard(() => {
      for (const effect of thens) this.#perform(effect);
    });
    this.feed({ type: 'persisted', ticket });
  }

  #failed(error: unknown): void {
    if (this.#halted) return;
    this.halt();
    this.#parts.onFailure(error);
  }

  #serve({ to, rounds, committed }: Extract<Effect, { type: 'serve' }>): void {
    const { communicator, messageEntryBytesMax, storage } = this.#parts;
    // One that asks again and again must not make this node read for all at once.
    if (this.#serving >= 4) return;
    this.#serving += 1;
    readHistory(storage, rounds, messageEntryBytesMax)
      .then((entries) => {
        if (this.#halted) return;
        const retained = entries.length > 0 ? rounds.from : rounds.from + 1;
        if (entries.length > 0) communicator.send([to], { type: 'entries', entries, committed });
        else communicator.send([to], { type: 'progress', committed, retained, reply: false });
      })
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#serving -= 1;
      });
  }
}

/** What decorations hear on their channels. */
export type ChannelListener = Parameters<ReturnType<DecorationHost['channel']>['onMessage']>[0];
