import { setTimeout as sleep } from 'node:timers/promises';
import { nodeIds } from './data-directory.ts';
import { DemoError } from './demo-error.ts';
import { NodeProcess, type NodeProcessListener, type NodeProcessParts } from './node-process.ts';

const refreshMs = 200;
const levelMsMax = 60_000;
/** Under load the nodes are not asked at quite the same moment. */
const lagMax = 4_096;

/** The three nodes. */
export class Crew {
  readonly nodes: readonly NodeProcess[];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: NodeProcessParts, listener: NodeProcessListener) {
    this.nodes = nodeIds.map((id) => new NodeProcess(id, parts, listener));
  }

  /** Starts all of them, and asks them regularly how they are, which `onStatus` hears of. */
  async start(onStatus: () => void): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    this.#watch(onStatus);
  }

  /** Whether the nodes are being stopped, or are. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A node that serves: the one that leads if there is one, and not `except` if there is another. */
  target(except?: NodeProcess): NodeProcess | undefined {
    const ready = this.nodes.filter((node) => node.client !== undefined);
    const others = ready.filter((node) => node !== except);
    return others.find((node) => node.status?.status === 'leading') ?? others[0] ?? ready[0];
  }

  /** The node that leads right now; the one that others name where several think they do. */
  async leading(): Promise<NodeProcess | undefined> {
    await Promise.all(this.nodes.map((node) => node.refresh()));
    return this.seenLeading;
  }

  /** The node that led when they were last asked. */
  get seenLeading(): NodeProcess | undefined {
    const leading = this.nodes.filter((node) => node.status?.status === 'leading');
    const named = (node: NodeProcess) => this.nodes.filter(({ status }) => status?.leader === node.id).length;
    return leading.sort((a, b) => named(b) - named(a))[0];
  }

  /** Whether all are up, none is far behind, and no other node leads: then the others go on without this one. */
  canSpare(node: NodeProcess): boolean {
    const rounds: number[] = [];
    for (const each of this.nodes) {
      const { client, status } = each;
      if (client === undefined || status?.participation !== 'active') return false;
      if (each !== node && status.status === 'leading') return false;
      rounds.push(status.round);
    }
    return Math.max(...rounds) - Math.min(...rounds) <= lagMax;
  }

  /**
   * Resolves to how many operations have been applied when every node votes and has applied as many, and all that it knows of.
   * Heartbeats go on meanwhile, so the rounds do not stand still.
   */
  async level(): Promise<number> {
    const until = performance.now() + levelMsMax;
    let before: number | undefined;
    for (;;) {
      const all = await Promise.all(this.nodes.map((node) => node.refresh()));
      const isIdle = all.every((status) => status?.participation === 'active' && status.round === status.committed);
      const counts = new Set(all.map((status) => status?.applied));
      const applied = isIdle && counts.size === 1 ? all[0]?.applied : undefined;
      if (applied !== undefined && applied === before) return applied;
      before = applied;
      if (performance.now() > until) throw new DemoError(`the nodes are not level after a minute: ${this.describe()}`);
      await sleep(50);
    }
  }

  describe(): string {
    return this.nodes
      .map(({ id, status }) => `${id} ${status?.status ?? 'down'} at round ${status?.round ?? '?'}`)
      .join(', ');
  }

  /** Stops all of them in order, at the same time. */
  async stop(): Promise<void> {
    this.#close();
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** Kills all of them. */
  kill(): void {
    this.#close();
    for (const node of this.nodes) node.kill();
  }

  #close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const node of this.nodes) node.retire();
  }

  #watch(onStatus: () => void): void {
    const counts = new Map<NodeProcess, { appended: number; at: number }>();
    const look = async (): Promise<void> => {
      await Promise.all(this.nodes.map((node) => node.refresh()));
      for (const node of this.nodes) {
        const [at, appended, last] = [performance.now(), node.status?.appended, counts.get(node)];
        if (appended === undefined) counts.delete(node);
        else counts.set(node, { appended, at });
        const isNew = last === undefined || appended === undefined || appended < last.appended;
        node.appendsPerSecond = isNew ? 0 : ((appended - last.appended) * 1_000) / (at - last.at);
      }
      if (this.#isClosed) return;
      onStatus();
      this.#timer = setTimeout(() => void look(), refreshMs);
    };
    void look();
  }
}
