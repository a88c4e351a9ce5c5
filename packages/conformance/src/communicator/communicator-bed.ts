import type {
  Communicator,
  CommunicatorTrouble,
  Message,
  NodeInfo,
  OverTransportOptions,
  Transport,
} from '@paxakos/core';
import { ends, expect, until } from '../transport/expect.ts';
import { limited } from '../transport/limited.ts';
import type { TransportFixture } from '../transport/transport-fixture.ts';
import { bytesIn, channelMessage, textOf } from './messages.ts';
import { Tap } from './tap.ts';

/** An open communicator that keeps what arrives. */
export interface Member {
  readonly info: NodeInfo;
  readonly communicator: Communicator;
  /** Between the communicator and its transport. */
  readonly tap: Tap;
  readonly received: Message[];
  readonly troubles: CommunicatorTrouble[];
  /** Called for each message, before it is kept. */
  onMessage: ((message: Message) => void) | undefined;
}

/** What differs from a communicator as it comes. */
export interface MemberOptions {
  readonly cluster?: string;
  readonly messageBytesMax?: number;
  /** At most; the suite's own limit holds too. */
  readonly frameBytesMax?: number;
}

const greetingChannel = 'greeting';

/** The nodes of one case. */
export class CommunicatorBed implements AsyncDisposable {
  readonly fixture: TransportFixture;
  readonly #create: (transport: Transport, options: OverTransportOptions) => Communicator;
  readonly #frameBytesMax: number;
  readonly #closers: { close(): Promise<void> }[] = [];
  readonly #greeted = new Set<string>();
  /** What `sendUntilHeld` sent, of this call or an earlier one: a repetition may come late. */
  readonly #sent = new Set<string>();
  #greetings = 0;

  constructor(
    fixture: TransportFixture,
    create: (transport: Transport, options: OverTransportOptions) => Communicator,
    frameBytesMax: number = Number.MAX_SAFE_INTEGER,
  ) {
    this.fixture = fixture;
    this.#create = create;
    this.#frameBytesMax = frameBytesMax;
  }

  /** A communicator that is not open yet. */
  async make(id: string, options: MemberOptions = {}): Promise<Member> {
    const { cluster = 'main', frameBytesMax = Number.MAX_SAFE_INTEGER, ...rest } = options;
    const { info, transport } = await this.fixture.node(id, cluster);
    const limit = Math.min(frameBytesMax, this.#frameBytesMax);
    const tap = new Tap(limit < Number.MAX_SAFE_INTEGER ? limited(transport, limit) : transport);
    const communicator = this.#create(tap, { cluster, ...rest });
    const member: Member = { info, communicator, tap, received: [], troubles: [], onMessage: undefined };
    communicator.onTrouble((trouble) => member.troubles.push(trouble));
    this.#closers.push(communicator, transport);
    return member;
  }

  async open(id: string, options: MemberOptions = {}): Promise<Member> {
    const member = await this.make(id, options);
    await member.communicator.open(member.info, (sender, message) => this.#take(member, sender, message));
    return member;
  }

  /** Opens nodes that have met one another. */
  async openAll<const Ids extends readonly string[]>(
    ids: Ids,
    options: MemberOptions = {},
  ): Promise<{ [Index in keyof Ids]: Member }> {
    const members = await Promise.all(ids.map((id) => this.open(id, options)));
    await this.meet(...members);
    return members as { [Index in keyof Ids]: Member };
  }

  /** Resolves when a message has gone from each to each other. */
  async meet(...members: Member[]): Promise<void> {
    for (const from of members) for (const to of members) if (from !== to) await this.reach(from, to);
  }

  /** Resolves when a message has gone from one to the other; sends as often as it takes. */
  async reach(from: Member, to: Member): Promise<void> {
    this.#greetings += 1;
    const name = `${this.#greetings}`;
    const greeting = channelMessage(greetingChannel, new TextEncoder().encode(name));
    await until(
      () => this.#greeted.has(`${name} at ${to.info.id}`),
      () => `a message gets from ${from.info.id} to ${to.info.id}`,
      () => from.communicator.send([to.info], greeting),
    );
  }

  /** Sends messages, and again those that do not come, until each receiver has each, equal; what nobody sent may not come. */
  async sendUntilHeld(from: Member, to: readonly Member[], messages: readonly Message[]): Promise<void> {
    const infos = to.map(({ info }) => info);
    const texts = messages.map(textOf);
    for (const text of texts) this.#sent.add(text);
    const held = new Map(to.map((member) => [member, new Set<string>()]));
    const look = (): void => {
      for (const [member, known] of held) for (const message of member.received.splice(0)) known.add(textOf(message));
    };
    const lacking = () =>
      messages.filter((_, index) => to.some((member) => !held.get(member)?.has(texts[index] ?? '')));
    const what = () => `each message arrives as it was sent; ${lacking().length} do not, first: ${lacking()[0]?.type}`;
    let next = 0;
    let waitMs = 50 + messages.reduce((sum, message) => sum + bytesIn(message), 0) / 10_000;
    await until(
      () => {
        look();
        return lacking().length === 0;
      },
      what,
      () => {
        if (Date.now() < next) return;
        waitMs *= 2; // a machine that is slow must not be sent the same ever faster than it takes it
        next = Date.now() + waitMs;
        for (const message of lacking()) from.communicator.send(infos, message);
      },
    );
    const unsent = [...held.values()].some((known) => [...known].some((text) => !this.#sent.has(text)));
    expect(!unsent, 'nothing arrives that nobody sent');
  }

  #take(member: Member, sender: NodeInfo, message: Message): void {
    if (message.type === 'channel' && message.channel === greetingChannel) {
      this.#greeted.add(`${new TextDecoder().decode(message.bytes)} at ${member.info.id}`);
      return;
    }
    senders.set(message, sender);
    member.onMessage?.(message);
    member.received.push(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.#closers.map((each) => each.close()));
    try {
      await ends('close, at the end,', closing);
    } finally {
      await this.fixture[Symbol.asyncDispose]();
    }
  }
}

const senders = new WeakMap<Message, NodeInfo>();

/** Who sent a message that has come. */
export function senderOf(message: Message): NodeInfo | undefined {
  return senders.get(message);
}
