import { setTimeout as sleep } from 'node:timers/promises';
import { deferred } from '../node/deferred.ts';
import type { BusSetting } from './bus-setting.ts';
import { Crew } from './crew.ts';
import type { DataDirectory } from './data-directory.ts';
import { DemoError } from './demo-error.ts';
import { Drill } from './drill.ts';
import type { Ledger } from './ledger.ts';
import type { NodeProcess } from './node-process.ts';
import { generatedOperations, type OperationSource, readOperations } from './operation-source.ts';
import { holds, type Proof, prove } from './proof.ts';
import { counted, shownNumber, type View } from './view.ts';

/** What a demonstration works with. */
export interface DemoParts {
  readonly directory: DataDirectory;
  readonly bus: BusSetting;
  /** Whether a dead leader is to be noticed sooner. */
  readonly isFast: boolean;
  readonly ledger: Ledger;
  readonly view: View;
  /** Makes the ids of this run unlike those of others. */
  readonly runId: string;
}

/** What to do. */
export interface DemoWork {
  /** A file of operations, or `-` for standard input; else they are made up. */
  readonly input: string | undefined;
  /** How many are made up. */
  readonly operations: number;
  /** How often the leading process is killed. */
  readonly kills: number;
}

/** What came of a demonstration, as it is printed. */
export interface DemoResult {
  /** Operations acknowledged in this run. */
  readonly acknowledged: number;
  /** Acknowledged operations, of this run and of those before, that some state lacks. */
  readonly lost: number;
  readonly appliedTwice: number;
  readonly altered: number;
  /** The median, and the longest, of so many kills. */
  readonly leaderlessMs: number;
  readonly leaderlessMsMax: number;
  readonly appendsPerSecond: number;
  readonly equal: boolean;
  readonly kills: number;
  /** Lines of the input that could not be carried out. */
  readonly invalid: number;
  /** Operations acknowledged in runs before this one, of which the proof holds as well. */
  readonly acknowledgedBefore: number;
  /** Acknowledged operations that are too old for the states to remember. */
  readonly forgotten: number;
  readonly value: number;
}

const restartMs = 1_000;

/** One run: three nodes, a load, a kill, and the proof. */
export class Demo {
  readonly #parts: DemoParts;
  readonly #crew: Crew;
  readonly #broken = deferred<never>();
  #drill: Drill | undefined;
  #phase = 'starting';
  #invalid = 0;
  #isStopping = false;
  #stopped: Promise<void> | undefined;
  /** Whether the proof holds, once there is one. */
  verdict: boolean | undefined;

  constructor(parts: DemoParts) {
    this.#parts = parts;
    this.#crew = new Crew(parts, {
      onEvent: (id, text) => this.#say(`${id}: ${text}`),
      onLost: (id, reason) => void this.#revive(id, reason),
    });
    this.#broken.promise.catch(() => {});
  }

  /** Rejects when a node cannot go on. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  run(options: DemoWork): Promise<DemoResult> {
    return Promise.race([this.#run(options), this.broken]);
  }

  /** Prints the result as one line of JSON on standard output. */
  print(result: DemoResult): void {
    this.#parts.view.close();
    console.log(JSON.stringify(result));
  }

  stayUp(): void {
    this.#enter('up until Ctrl-C');
    this.#say('the nodes stay up; try:');
    this.#say(`curl --data '{"type":"add","value":3}' ${this.#crew.nodes[0]?.client?.url}/append`);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#enter('stopping');
    this.#isStopping = true;
    await this.#crew.stop();
    this.#phase = 'stopped';
    this.#draw();
  }

  kill(): void {
    this.#isStopping = true;
    this.#crew.kill();
  }

  async #run(options: DemoWork): Promise<DemoResult> {
    const { directory, ledger, runId } = this.#parts;
    const source = await this.#sourceOf(options);
    await this.#crew.start(() => this.#draw());
    for (const { id, pid, client } of this.#crew.nodes) this.#say(`${id} serves ${client?.url} (process ${pid})`);
    const acknowledgedBefore = ledger.size;
    const drill = new Drill(
      {
        crew: this.#crew,
        ledger,
        runId,
        say: (text) => this.#say(text),
        onInvalid: (line, reason) => this.#onInvalid(line, reason),
      },
      { source, kills: options.kills },
    );
    await drill.probe();
    if (acknowledgedBefore > 0) await this.#checkBefore(acknowledgedBefore);
    this.#drill = drill;
    this.#enter('appending');
    const drilled = await drill.run();
    this.#say(`${shownNumber(drilled.acknowledged)} acknowledged, ${shownNumber(drilled.appendsPerSecond)} a second`);
    const proof = await this.#proveLevel();
    this.verdict = holds(proof);
    const { lost, appliedTwice, altered, equal, forgotten, value, rememberedFrom } = proof;
    const proven = `each of ${counted(ledger.size - forgotten, 'acknowledged operation')} is in them once`;
    if (!this.verdict) this.#say(`the proof FAILED; the data is in ${directory.path}`);
    else this.#say(`proven: all three states are equal, and ${proven}`);
    if (rememberedFrom !== undefined) await ledger.forgetBefore(rememberedFrom);
    if (forgotten > 0)
      this.#say(`nothing is proven of ${counted(forgotten, 'older one')}, which the states do not remember`);
    const invalid = this.#invalid;
    return { ...drilled, lost, appliedTwice, altered, equal, invalid, acknowledgedBefore, forgotten, value };
  }

  async #sourceOf({ input, operations }: DemoWork) {
    const { runId } = this.#parts;
    const source: OperationSource =
      input === undefined
        ? generatedOperations(operations, runId)
        : await readOperations(input, runId, ({ line, reason }) => this.#onInvalid(line, reason));
    return source;
  }

  /** What earlier runs were promised must be there, whatever ended them. */
  async #checkBefore(acknowledgedBefore: number): Promise<void> {
    const proof = await this.#proveLevel();
    const { lost, forgotten, rememberedFrom } = proof;
    if (!holds(proof)) {
      const before = counted(acknowledgedBefore, 'operation');
      this.#say(`of ${before} acknowledged before, LOST: ${shownNumber(lost)} (${JSON.stringify(proof)})`);
    } else {
      this.#say(`of ${counted(acknowledgedBefore - forgotten, 'operation')} acknowledged before, none is lost`);
    }
    if (rememberedFrom !== undefined) await this.#parts.ledger.forgetBefore(rememberedFrom);
  }

  /** Compares the states between two moments at which all have applied the same, so that nothing came in between. */
  async #proveLevel(): Promise<Proof> {
    for (;;) {
      this.#enter('waiting until all are level');
      const applied = await this.#crew.level();
      this.#enter('proving');
      const states = await Promise.all(this.#crew.nodes.map((node) => this.#stateOf(node)));
      const size = Math.round((states[0]?.length ?? 0) / 1_024);
      if ((await this.#crew.level()) !== applied) continue;
      this.#say(`all are level after ${counted(applied, 'operation')}; comparing states of ${shownNumber(size)} KiB`);
      return prove(states, this.#parts.ledger.entries);
    }
  }

  async #stateOf({ id, client }: NodeProcess): Promise<Buffer> {
    if (client === undefined) throw new DemoError(`${id} is down`);
    return await client.state();
  }

  /** A node ended by itself: somebody killed it, perhaps to see what happens. */
  async #revive(id: string, reason: string): Promise<void> {
    if (this.#isStopping) return;
    this.#say(`${id} ended: ${reason}`);
    if (this.#crew.nodes.every(({ isGone }) => isGone)) {
      const { path } = this.#parts.directory;
      return this.#broken.reject(new DemoError(`all nodes are gone; started again, it goes on from ${path}`));
    }
    const node = this.#crew.nodes.find((each) => each.id === id);
    await sleep(restartMs);
    if (this.#isStopping || node === undefined) return;
    await node.start().then(
      () => this.#say(`${id} is up again (process ${node.pid})`),
      (error: unknown) => this.#broken.reject(error),
    );
  }

  #onInvalid(line: number, reason: string): void {
    this.#invalid += 1;
    this.#say(`line ${line}: ${reason}`);
  }

  #enter(phase: string): void {
    // What is under way goes on for a moment.
    if (this.#isStopping) return;
    this.#phase = phase;
    this.#draw();
  }

  #draw(): void {
    const { nodes } = this.#crew;
    const { acknowledged = 0, total } = this.#drill ?? {};
    this.#parts.view.draw({ phase: this.#phase, nodes, acknowledged, total });
  }

  #say(text: string): void {
    this.#parts.view.event(text);
  }
}
