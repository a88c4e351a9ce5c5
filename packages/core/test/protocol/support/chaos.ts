import type { NodeId } from '../../../src/contracts/index.ts';
import type { Origin, Settlement, Tuning } from '../../../src/protocol/index.ts';
import { idsIn } from './entries.ts';
import { isMajority } from './log-model.ts';
import { Seeded } from './seeded.ts';
import { type Flight, World } from './world.ts';
import type { WorldNode } from './world-node.ts';

/** How a random run goes; all of it follows from the seed. */
interface Profile {
  readonly founders: string;
  readonly others: string;
  readonly volatile: string;
  readonly concurrency: number;
  readonly loss: number;
  /** How often time passes while messages are under way. */
  readonly haste: number;
  readonly crashes: number;
  readonly membership: number;
  readonly tuning: Partial<Tuning>;
  /** As what a founder comes back that lost its memory. */
  readonly reborn: Origin;
}

interface Pending {
  readonly node: NodeId;
  readonly text: string;
  readonly settlement: Settlement | undefined;
}

function profileOf(random: Seeded): Profile {
  const founders = ['abc', 'abc', 'abcd', 'abcde', 'ab'][random.below(5)] as string;
  const all = 'abcdef';
  const volatile = idsIn(all)
    .filter(() => random.chance(0.3))
    .join('');
  return {
    founders,
    others: all.slice(founders.length, founders.length + 1 + random.below(2)),
    volatile: random.chance(0.4) ? '' : random.chance(0.3) ? all : volatile,
    concurrency: [1, 2, 3, 8][random.below(4)] as number,
    loss: [0, 0.05, 0.2][random.below(3)] as number,
    haste: [0.3, 2, 6][random.below(3)] as number,
    crashes: [0.3, 1, 3][random.below(3)] as number,
    membership: [0, 0.5, 2][random.below(3)] as number,
    tuning: {
      recentBytesMax: random.chance(0.3) ? 300 : 1_000_000,
      messageEntryBytesMax: random.chance(0.3) ? 12 : 1_000_000,
      acceptAheadMax: random.chance(0.1) ? 4 : 65_536,
    },
    reborn: random.chance(0.3) ? 'founder' : 'newcomer',
  };
}

/** A random run of a small cluster, and its healing. */
export class Chaos {
  readonly world: World;
  readonly #random: Seeded;
  readonly #profile: Profile;
  readonly #pending = new Map<number, Pending>();
  readonly #old: Flight[] = [];
  readonly #started = new Set<NodeId>();
  #cut: ReadonlySet<string> = new Set();
  #texts = 0;

  constructor(seed: number) {
    this.#random = new Seeded(seed);
    this.#profile = profileOf(this.#random);
    const { founders, concurrency, volatile, tuning, loss } = this.#profile;
    this.world = new World({ founders, concurrency, volatile, tuning, seed });
    this.world.note(JSON.stringify({ seed, ...this.#profile }));
    this.world.loses = (from, to) => this.#random.chance(loss) || this.#cut.has(from) !== this.#cut.has(to);
    this.world.onMessage = (flight) => {
      if (this.#random.chance(0.05)) this.#old.push(flight);
    };
  }

  get #ids(): string[] {
    return idsIn(`${this.#profile.founders}${this.#profile.others}`);
  }

  get #up(): WorldNode[] {
    return [...this.world.nodes.values()].filter((node) => node.up);
  }

  run(steps: number): void {
    for (const id of this.#profile.founders) this.#start(id, 'founder');
    for (let step = 0; step < steps; step += 1) this.#step();
  }

  #start(id: NodeId, origin: Origin): void {
    const node = this.world.node(id);
    node.holdWrites = true;
    node.holdApply = true;
    this.#started.add(id);
    this.world.start(id, origin);
  }

  #step(): void {
    const { crashes, membership } = this.#profile;
    const actions: readonly (readonly [number, () => void])[] = [
      [90, () => this.#deliver()],
      [45, () => this.#write()],
      [20, () => this.#apply()],
      [this.#profile.haste, () => this.#time()],
      [6, () => this.#append()],
      [6, () => this.#decide()],
      [1.5, () => this.#replayOld()],
      [crashes, () => this.#crash()],
      [crashes * 0.4, () => this.#loseMemory()],
      [crashes * 3, () => this.#restart()],
      [0.8, () => this.#snapshot()],
      [0.5, () => this.#partition()],
      [membership, () => this.#change()],
    ];
    let at = this.#random.next() * actions.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, act] of actions) {
      at -= weight;
      if (at < 0) return act();
    }
  }

  #deliver(): void {
    const { flights } = this.world;
    const flight = flights[this.#random.below(Math.min(flights.length, this.#random.chance(0.8) ? 3 : 200))];
    if (flight === undefined) return this.#time();
    if (this.#random.chance(0.05)) this.world.replay(flight);
    else this.world.deliver(flight);
  }

  #write(): void {
    this.#random.pick(this.#up.filter((node) => node.writes.length > 0))?.completeWrite();
  }

  #apply(): void {
    const node = this.#random.pick(this.#up.filter(({ toApply }) => toApply.length > 0));
    node?.applySome(1 + this.#random.below(node.toApply.length));
  }

  #time(): void {
    const { nextWake, now } = this.world;
    if (this.#random.chance(0.2)) this.world.wake(now + this.#random.below(100));
    else if (nextWake !== Number.POSITIVE_INFINITY) this.world.wake(nextWake);
  }

  #submit(id: NodeId, text: string): void {
    const leadership =
      (['acquire', 'acquire', 'acquire', 'acquire', 'require', 'check'] as const)[this.#random.below(6)] ?? 'acquire';
    const from = 1 + this.#random.below(12);
    const rounds = this.#random.chance(0.1) ? { from, to: from + this.#random.below(6) } : undefined;
    const [key] = this.world.append(id, text, { leadership, rounds });
    this.#pending.set(key as number, { node: id, text, settlement: undefined });
  }

  #text(prefix: string): string {
    this.#texts += 1;
    return `${prefix}${this.#texts}`;
  }

  #append(text = this.#text('x')): void {
    const leaders = this.#up.filter((node) => node.live.standing === 'leading');
    const node = this.#random.pick(leaders.length > 0 && this.#random.chance(0.7) ? leaders : this.#up);
    if (node !== undefined) this.#submit(node.id, text);
  }

  /** Somebody whose attempt failed tries again, or gives up. */
  #decide(): void {
    const keys = [...this.#pending.keys()].filter((key) => this.world.settlements.has(key));
    const key = this.#random.pick(keys);
    if (key === undefined) return this.#abandon();
    const { node, text } = this.#pending.get(key) as Pending;
    const settlement = this.world.settlements.get(key);
    if (settlement?.type !== 'failed') {
      this.#pending.delete(key);
      return;
    }
    if (settlement.failure.effect === 'none') {
      this.#pending.delete(key);
      if (this.#random.chance(0.5)) this.#append(text);
      else this.world.checker.deny(key);
      return;
    }
    this.world.settlements.delete(key);
    if (!this.world.node(node).up) this.#pending.delete(key);
    else if (this.#random.chance(0.7)) this.world.node(node).feed({ type: 'retry', key });
    else this.#pending.delete(key);
  }

  #abandon(): void {
    if (this.#random.chance(0.8)) return;
    const entry = this.#random.pick([...this.#pending]);
    if (entry === undefined) return;
    const [key, { node }] = entry;
    if (this.world.node(node).up) this.world.node(node).feed({ type: 'abandon', key });
  }

  #replayOld(): void {
    const flight = this.#random.pick(this.#old);
    if (flight !== undefined) this.world.replay(flight);
  }

  #forget(id: NodeId): void {
    for (const [key, { node }] of this.#pending)
      if (node === id && !this.world.settlements.has(key)) this.#pending.delete(key);
      else if (node === id) {
        const settlement = this.world.settlements.get(key);
        if (settlement?.type === 'failed' && settlement.failure.effect === 'unknown') this.#pending.delete(key);
      }
  }

  #crash(): void {
    const node = this.#random.pick(this.#up);
    if (node === undefined) return;
    if (!node.durable) return this.#loseMemory(node);
    this.world.crash(node.id);
    this.#forget(node.id);
  }

  #loseMemory(node = this.#random.pick([...this.world.nodes.values()])): void {
    if (node?.incarnation === undefined || !this.#mayLose(node)) return;
    this.world.crash(node.id, true);
    this.#forget(node.id);
  }

  /** More lost memories than a minority, in rounds that nobody safely knows, would stop any cluster for good. */
  #mayLose(node: WorldNode): boolean {
    const { model } = this.world.checker;
    // A newcomer has no say in a founding that is not over: the others would wait for it for ever.
    const founded = idsIn(this.#profile.founders).every((id) => this.world.checker.foundedIn.has(id));
    if (!founded && this.#profile.reborn === 'newcomer') return false;
    if (model === undefined) return this.#random.chance(0.3);
    let safe = 0;
    for (const other of this.world.nodes.values()) if (other !== node) safe = Math.max(safe, other.safelyCommitted);
    for (let round = safe + 1; round <= model.reach; round += 1) {
      const voters = model.votersOf(round) ?? new Map<string, string>();
      const intact = [...voters].filter(
        ([id, incarnation]) => id !== node.id && this.world.node(id).incarnation === incarnation,
      );
      if (!isMajority(intact.length, voters)) return false;
    }
    return true;
  }

  #restart(): void {
    const node = this.#random.pick(this.#ids.map((id) => this.world.node(id)).filter(({ up }) => !up));
    if (node !== undefined) this.#start(node.id, this.#originOf(node));
  }

  #originOf(node: WorldNode): Origin {
    if (!this.#profile.founders.includes(node.id)) return 'newcomer';
    return node.disk === undefined && this.#started.has(node.id) ? this.#profile.reborn : 'founder';
  }

  #snapshot(): void {
    this.#random.pick(this.#up)?.takeSnapshot();
  }

  #partition(): void {
    this.#cut = new Set(this.#random.chance(0.5) ? [] : this.#ids.filter(() => this.#random.chance(0.4)));
    this.world.note(`cut off: ${[...this.#cut].join(' ')}`);
  }

  #change(): void {
    this.#texts += 1;
    const id = this.#random.pick(this.#ids);
    const command = this.#random.pick([`+${id}`, `-${id}`, `=${1 + this.#random.below(6)}`]);
    this.#append(`${command}#${this.#texts}`);
  }

  /** All faults end: every node comes back, and the cluster must go on. */
  heal(): void {
    this.#cut = new Set();
    this.world.note('healed');
    this.world.loses = () => false;
    for (const id of this.#ids) {
      const node = this.world.node(id);
      node.holdWrites = false;
      node.holdApply = false;
      if (node.up) while (node.writes.length > 0) node.completeWrite();
      if (node.up) node.applySome(node.toApply.length);
      if (!node.up) this.world.start(id, this.#originOf(node));
    }
    for (let second = 0; second < 120; second += 1) {
      this.world.runFor(1_000);
      this.#catchUp();
      if (this.#level && second > 5) return;
      this.#appendFinal();
    }
    if (!this.#healable) return;
    throw new Error(`no progress after healing: ${this.#standing}`);
  }

  /** Whether every round to come has a majority of voters that still have the memory they vote by. */
  get #healable(): boolean {
    const { model } = this.world.checker;
    if (model === undefined) return true;
    const known = Math.max(...this.#up.map((node) => node.live.kernel.learner.committed));
    for (let round = known + 1; round <= model.reach; round += 1) {
      const voters = model.votersOf(round) ?? new Map<string, string>();
      const intact = [...voters].filter(([id, incarnation]) => this.world.node(id).incarnation === incarnation);
      if (!isMajority(intact.length, voters)) return false;
    }
    return true;
  }

  readonly #finals = new Map<NodeId, number>();

  /** Each member keeps trying until it has appended something of its own. */
  #appendFinal(): void {
    for (const node of this.#up) {
      const key = this.#finals.get(node.id);
      const settlement = key === undefined ? undefined : this.world.settlements.get(key);
      if (key !== undefined && settlement === undefined) continue;
      if (settlement?.type === 'committed') continue;
      if (!this.#members.includes(node)) continue;
      if (settlement?.failure.effect === 'unknown') {
        this.world.settlements.delete(key as number);
        node.feed({ type: 'retry', key: key as number });
        continue;
      }
      this.#finals.set(node.id, this.world.append(node.id, this.#text('final'))[0] as number);
    }
  }

  /** Stranded nodes get a snapshot, as catch-up would give them one. */
  #catchUp(): void {
    const best = this.#up.reduce((a, b) => (a.state.round >= b.state.round ? a : b));
    for (const node of this.#up) {
      const stuck = this.world.events.some(([id, event]) => id === node.id && event.type === 'stranded');
      if (!stuck || node.state.round >= best.state.round) continue;
      const image = best.takeSnapshot();
      if (image !== undefined) node.install(image);
    }
  }

  get #members(): WorldNode[] {
    const best = this.#up.reduce((a, b) => (a.state.round >= b.state.round ? a : b));
    return best.state.members.map(({ id }) => this.world.node(id));
  }

  get #level(): boolean {
    const members = this.#members;
    const [first] = members;
    return members.every((node) => {
      const key = this.#finals.get(node.id);
      const settled = key !== undefined && this.world.settlements.get(key)?.type === 'committed';
      const { participation } = node.live.kernel;
      const isLevel = node.state.texts.join() === first?.state.texts.join();
      return settled && isLevel && participation.type === 'active';
    });
  }

  get #standing(): string {
    return this.#up
      .map((node) => `${node.id} ${node.live.standing} ${node.live.kernel.participation.type} ${node.state.round}`)
      .join(', ');
  }
}
