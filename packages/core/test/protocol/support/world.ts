import type { Message, NodeId, NodeInfo, Proposal, RoundNum } from '../../../src/contracts/index.ts';
import {
  type AppendRequest,
  type DurableRecord,
  defaultTuning,
  type Origin,
  type ReplicaEvent,
  type ReplicaSettings,
  type Settlement,
  type SnapshotImage,
  type Tuning,
} from '../../../src/protocol/index.ts';
import { Checker } from './checker.ts';
import { describeEvent, describeMessage, describeRecord, describeSettlement } from './describe.ts';
import { entryOf, idsIn, textOf } from './entries.ts';
import { Seeded } from './seeded.ts';
import { type Surroundings, WorldNode } from './world-node.ts';

/** A message on its way to one receiver. */
export interface Flight {
  readonly from: NodeInfo;
  readonly to: NodeId;
  readonly message: Message;
}

export interface WorldOptions {
  /** The founders; one letter each. */
  readonly founders: string;
  readonly concurrency?: number;
  /** Nodes without storage. */
  readonly volatile?: string;
  readonly tuning?: Partial<Tuning>;
  readonly seed?: number;
  readonly settings?: (id: NodeId) => Partial<ReplicaSettings>;
}

/** Several replicas without I/O: the test decides what is delivered, lost, durable and applied, and what the time is. */
export class World implements Surroundings {
  now = 0;
  readonly random: Seeded;
  readonly checker: Checker;
  readonly nodes: Map<NodeId, WorldNode> = new Map();
  readonly settlements: Map<number, Settlement> = new Map();
  readonly events: (readonly [NodeId, ReplicaEvent])[] = [];
  flights: Flight[] = [];
  /** What happened, one line each. */
  readonly transcript: string[] = [];
  /** Whether a message is lost the moment it leaves. */
  loses: (from: NodeId, to: NodeId, message: Message) => boolean = () => false;
  /** Sees every message as it leaves. */
  onMessage: (flight: Flight) => void = () => {};
  readonly #options: WorldOptions;
  #key = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Seeded(options.seed ?? 0);
    this.checker = new Checker(options.concurrency ?? 3);
  }

  node(id: NodeId): WorldNode {
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const { founders, concurrency = 3, volatile = '', tuning, settings } = this.#options;
    const initial = { members: idsIn(founders).map((founder) => ({ id: founder })), concurrency };
    const own = { random: () => this.random.next(), tuning: { ...defaultTuning, ...tuning }, ...settings?.(id) };
    const node = new WorldNode({ id }, !volatile.includes(id), initial, own, this);
    this.nodes.set(id, node);
    return node;
  }

  note(line: string): void {
    this.transcript.push(line);
  }

  start(ids: string, origin: Origin = 'founder'): void {
    for (const id of idsIn(ids)) {
      this.note(`${id} starts`);
      this.node(id).start(origin);
    }
  }

  crash(ids: string, memoryToo = false): void {
    for (const id of idsIn(ids)) {
      this.note(`${id} crashes${memoryToo ? ' and loses its memory' : ''}`);
      if (memoryToo) this.node(id).loseMemory();
      else this.node(id).crash();
    }
  }

  /** Starts the founders and lets them meet. */
  static founded(options: WorldOptions): World {
    const world = new World(options);
    world.start(options.founders);
    world.run();
    return world;
  }

  /** As `founded`, with a first entry by which `leader` leads, and quiet. */
  static led(leader: NodeId, options: WorldOptions): World {
    const world = World.founded(options);
    world.append(leader, 'x1');
    world.runFor(1_000);
    return world;
  }

  /** Loses every message between nodes that are not in the same group, from now on. */
  partition(...groups: string[]): void {
    this.note(`parted: ${groups.join(' | ')}`);
    const groupOf = (id: NodeId): number => groups.findIndex((group) => group.includes(id));
    this.loses = (from, to) => groupOf(from) !== groupOf(to);
  }

  /** Every message arrives from now on. */
  heal(): void {
    this.note('healed');
    this.loses = () => false;
  }

  /** Appends entries at one node, in one turn; gives their keys. */
  append(id: NodeId, texts: string, given: Partial<AppendRequest> = {}): number[] {
    const requests = texts.split(' ').map((text): AppendRequest => {
      this.#key += 1;
      const entry = given.entry ?? entryOf(text);
      this.checker.appended(this.#key, entry);
      return { rounds: undefined, leadership: 'acquire', ...given, key: this.#key, entry };
    });
    this.note(`${id} appends ${requests.map(({ key, entry }) => `#${key} ${textOf(entry)}`).join(', ')}`);
    this.node(id).feed({ type: 'append', requests });
    return requests.map(({ key }) => key);
  }

  onSend(node: WorldNode, to: readonly NodeInfo[], message: Message): void {
    this.checker.onSend(node, message);
    this.note(`${node.id} → ${to.map(({ id }) => id).join(' ')}: ${describeMessage(message)}`);
    for (const { id } of to) {
      const flight = { from: node.info, to: id, message };
      this.onMessage(flight);
      if (this.loses(node.id, id, message)) this.note(`  lost on the way to ${id}`);
      else this.flights.push(flight);
    }
  }

  onWritten(node: WorldNode, records: readonly DurableRecord[]): void {
    if (records.length > 0) this.note(`${node.id} wrote ${records.map(describeRecord).join('; ')}`);
    this.checker.onWritten(node, records);
  }

  onSnapshot(node: WorldNode, image: SnapshotImage): void {
    this.note(`${node.id} ${image.node === node.id ? 'takes' : 'installs'} a snapshot after ${image.round}`);
  }

  onCommitted(_node: WorldNode, proposals: readonly Proposal[]): void {
    this.checker.onCommitted(proposals);
  }

  onApplied(node: WorldNode, proposals: readonly Proposal[]): void {
    this.note(`${node.id} applied ${proposals.map(({ round, entry }) => `${round}=${textOf(entry)}`).join(' ')}`);
  }

  onSettle(node: WorldNode, key: number, settlement: Settlement): void {
    if (key < 0) return;
    this.note(`${node.id} settles #${key}: ${describeSettlement(settlement)}`);
    this.settlements.set(key, settlement);
    this.checker.onSettle(key, settlement);
  }

  onEvent(node: WorldNode, event: ReplicaEvent): void {
    const line = describeEvent(event);
    if (line !== undefined) this.note(`${node.id} ${line}`);
    this.events.push([node.id, event]);
    this.checker.onEvent(event);
  }

  onStep(node: WorldNode): void {
    this.checker.onStep(node);
  }

  /** A message that somebody made up, or that comes late. */
  forge(from: NodeId, to: NodeId, message: Message): void {
    this.note(`forged ${from} → ${to}: ${describeMessage(message)}`);
    this.replay({ from: { id: from }, to, message });
  }

  /** The lines of the transcript from now on that hold `text`. */
  watch(text: string): () => number {
    const from = this.transcript.length;
    return () => this.transcript.slice(from).filter((line) => line.includes(text)).length;
  }

  /** Takes one message off the wire and gives it to its receiver. */
  deliver(flight: Flight): void {
    const index = this.flights.indexOf(flight);
    if (index >= 0) this.flights.splice(index, 1);
    this.replay(flight);
  }

  /** Gives a message to its receiver, on the wire or not. */
  replay({ from, to, message }: Flight): void {
    const node = this.nodes.get(to);
    if (node?.up === true) node.feed({ type: 'message', sender: from, message });
  }

  /** The messages on the wire that fit. */
  inFlight(type: Message['type'], from?: NodeId, to?: NodeId): Flight[] {
    return this.flights.filter(
      (flight) =>
        flight.message.type === type &&
        (from === undefined || flight.from.id === from) &&
        (to === undefined || flight.to === to),
    );
  }

  /** Delivers all that fits and is on the wire now. */
  deliverAll(type: Message['type'], from?: NodeId, to?: NodeId): void {
    for (const flight of this.inFlight(type, from, to)) this.deliver(flight);
  }

  /** Loses all that is on the wire now and fits. */
  lose(fits: (flight: Flight) => boolean = () => true): void {
    for (const { from, to, message } of this.flights.filter(fits))
      this.note(`lost ${from.id} → ${to}: ${describeMessage(message)}`);
    this.flights = this.flights.filter((flight) => !fits(flight));
  }

  /** Delivers in order until nothing is on the wire; no time passes. */
  run(): void {
    for (let count = 0; this.flights.length > 0; count += 1) {
      if (count > 100_000) throw new Error('the nodes never stop talking');
      this.deliver(this.flights[0] as Flight);
    }
  }

  /** The next moment at which a node wants to be woken. */
  get nextWake(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const node of this.nodes.values()) next = Math.min(next, node.wakeAt);
    return next;
  }

  /** Lets time pass up to `moment`, and wakes whoever is due. */
  wake(moment: number): void {
    this.now = Math.max(this.now, moment);
    this.note(`— ${this.now} ms —`);
    for (const node of this.nodes.values()) {
      if (node.wakeAt > this.now || !node.up) continue;
      node.wakeAt = Number.POSITIVE_INFINITY;
      node.feed({ type: 'time' });
    }
  }

  /** Delivers everything, and lets this much time pass. */
  runFor(ms: number): void {
    const until = this.now + ms;
    this.run();
    while (this.nextWake <= until) {
      this.wake(this.nextWake);
      this.run();
    }
    this.now = until;
  }

  /** Delivers everything, and lets time pass, until `condition` holds; throws after `ms`. */
  runUntil(condition: () => boolean, ms = 60_000): void {
    const until = this.now + ms;
    this.run();
    while (!condition()) {
      if (this.nextWake > until) throw new Error(`not reached within ${ms} ms`);
      this.wake(this.nextWake);
      this.run();
    }
  }

  /** The round that an append was committed in. */
  roundOf(key: number | undefined): RoundNum | undefined {
    return key === undefined ? undefined : this.checker.committedKeys.get(key);
  }

  textsOf(id: NodeId): string {
    return this.node(id).state.texts.join(' ');
  }
}
