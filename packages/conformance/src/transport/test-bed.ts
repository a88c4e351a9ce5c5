import type { NodeId, NodeInfo, Transport, TransportTrouble } from '@paxakos/core/contracts';
import { bytesOf, ends, expect, isSame, pause, seedOf, until } from './expect.ts';
import type { TransportFixture, TransportNode } from './transport-fixture.ts';

/** An open node that keeps what arrives. */
export interface Member {
  readonly info: NodeInfo;
  readonly transport: Transport;
  /** Copies of all frames, as they came; those of `meet` are left out. */
  readonly frames: Uint8Array[];
  readonly troubles: TransportTrouble[];
  /** Called for each frame, before it is kept. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
}

/** For what does not keep the order. In ms. */
const settleMs = 20;

/** Frames of 3 bytes that begin so are greetings. */
const greeting = [71, 114];

/** The nodes of one case. */
export class TestBed implements AsyncDisposable {
  readonly fixture: TransportFixture;
  readonly #opened: Transport[] = [];
  #greetings = 0;
  #illFormed: string | undefined;

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
  }

  async node(id: NodeId, cluster = 'main'): Promise<TransportNode> {
    const node = await this.fixture.node(id, cluster);
    this.#opened.push(node.transport);
    return node;
  }

  async open(id: NodeId, cluster = 'main'): Promise<Member> {
    const { info, transport } = await this.node(id, cluster);
    const member: Member = { info, transport, frames: [], troubles: [], onFrame: undefined };
    transport.onTrouble?.((trouble) => {
      member.troubles.push(trouble);
      this.#illFormed ??= faultOf(trouble);
    });
    await transport.open(
      info,
      (frame) => {
        if (frame.byteLength === 3 && frame[0] === greeting[0] && frame[1] === greeting[1]) {
          greeted.get(member)?.add(frame[2] ?? 0);
          return;
        }
        const copy = Uint8Array.from(frame);
        member.onFrame?.(frame);
        member.frames.push(copy);
      },
      cluster,
    );
    greeted.set(member, new Set());
    return member;
  }

  /** Opens nodes that have met one another. */
  async openAll<const Ids extends readonly NodeId[]>(...ids: Ids): Promise<{ [Index in keyof Ids]: Member }> {
    const members = await Promise.all(ids.map((id) => this.open(id)));
    await this.meet(...members);
    return members as { [Index in keyof Ids]: Member };
  }

  /** Resolves when a frame has gone from each to each other. */
  async meet(...members: Member[]): Promise<void> {
    for (const from of members) for (const to of members) if (from !== to) await this.reach(from, to);
  }

  /** Resolves when a frame has gone from one to the other; sends as often as it takes. */
  async reach(from: Member, to: Member): Promise<void> {
    this.#greetings = (this.#greetings + 1) % 256;
    const number = this.#greetings;
    const frame = Uint8Array.from([...greeting, number]);
    const hasArrived = () => greeted.get(to)?.has(number) === true;
    const what = () => `a frame gets from ${from.info.id} to ${to.info.id}`;
    await until(hasArrived, what, () => from.transport.send([to.info], frame));
    greeted.get(to)?.delete(number);
  }

  /** Resolves when what one sent the others before has come, if it comes at all: a greeting that was sent after it has come. */
  async settle(from: Member, ...to: Member[]): Promise<void> {
    for (const each of to) if (each !== from) await this.reach(from, each);
    await pause(settleMs);
  }

  /** Fails where a trouble told so far is not as it must be. */
  checkTroubles(): void {
    expect(this.#illFormed === undefined, `a report of trouble is well-formed; ${this.#illFormed}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.#opened.map((transport) => transport.close()));
    try {
      await ends('close, at the end,', closing);
    } finally {
      await this.fixture[Symbol.asyncDispose]();
    }
  }
}

function faultOf({ type, peer, count, reason }: TransportTrouble): string | undefined {
  if (!['disconnected', 'reconnected', 'dropped'].includes(type)) return `its type is ${type}`;
  const isNumber = Number.isSafeInteger(count) && (count ?? 0) > 0;
  if (type === 'dropped' ? !isNumber : count !== undefined && !isNumber) return `${type} has the count ${count}`;
  if (peer !== undefined && typeof peer !== 'string') return 'its peer is no id';
  return reason === undefined || typeof reason === 'string' ? undefined : 'its reason is no text';
}

const greeted = new WeakMap<Member, Set<number>>();

/** Whether a frame with this seed has come, unaltered. */
export function has(member: Member, seed: number): boolean {
  return member.frames.some((frame) => seedOf(frame) === seed && isSame(frame, bytesOf(frame.byteLength, seed)));
}

/** The seeds of what has come, each once, in the order of their first coming. */
export function seedsOf(member: Member): Set<number> {
  return new Set(member.frames.map(seedOf));
}

/** Sends one frame to the receivers until each has it. */
export async function sendUntilHeld(
  from: Member,
  to: readonly Member[],
  frame: Uint8Array,
  infos: readonly NodeInfo[] = to.map(({ info }) => info),
): Promise<void> {
  const holds = (member: Member) => member.frames.some((held) => isSame(held, frame));
  const lacking = () => to.filter((member) => !holds(member)).map(({ info }) => info.id);
  const what = () => `a frame of ${frame.byteLength} bytes arrives unaltered; it is not at ${lacking().join(', ')}`;
  let next = 0;
  await until(
    () => to.every(holds),
    what,
    () => {
      // Large frames take a while: not again on every look.
      if (Date.now() < next) return;
      next = Date.now() + 50 + frame.byteLength / 10_000;
      from.transport.send(infos, frame);
    },
  );
}

/** How many frames were reported as dropped, to whomever. */
export function drops({ troubles }: Member): number {
  return troubles.reduce((sum, { type, count = 0 }) => (type === 'dropped' ? sum + count : sum), 0);
}

/** How many frames to a peer were reported as dropped. */
export function reportedDrops(member: Member, peer: NodeId): number {
  const drops = member.troubles.filter((trouble) => trouble.type === 'dropped' && (trouble.peer ?? peer) === peer);
  return drops.reduce((sum, { count = 0 }) => sum + count, 0);
}
