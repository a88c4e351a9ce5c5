import type { Clock, NodeId, Random } from '../contracts/index.ts';
import type { LinkFaults } from './link-faults.ts';

/** What a hub is made of. */
export interface MemoryHubParts {
  readonly frameBytesMax: number;
  readonly queuedFramesMax: number;
  readonly queuedBytesMax: number;
  readonly scribbles: boolean;
  readonly defer: (run: () => void) => void;
  readonly clock: Clock | undefined;
  readonly random: Random;
  readonly faultsOf: (from: NodeId, to: NodeId) => Required<LinkFaults>;
}

/** Takes frames for one node. */
export type Deliver = (frame: Uint8Array) => void;

interface Inbox {
  /** Of the transport that opened last; `undefined` while none is open. */
  deliver: Deliver | undefined;
  /** What is on its way, held or not. */
  frames: number;
  bytes: number;
  isPaused: boolean;
  held: Uint8Array[];
}

interface Arrival {
  readonly inbox: Inbox;
  readonly frame: Uint8Array;
}

/** Deliveries in a row by microtask before one goes by the clock, so that timers are not shut out by nodes that never rest. */
const wavesMax = 1_024;

/** Carries frames between the inboxes of the nodes. */
export class MemoryHub {
  readonly parts: MemoryHubParts;
  readonly #clusters = new Map<string, Map<NodeId, Inbox>>();
  readonly #paused = new Set<NodeId>();
  #arrivals: Arrival[] = [];
  #isWaveDue = false;
  #waves = 0;

  constructor(parts: MemoryHubParts) {
    this.parts = parts;
  }

  /** Starts to deliver to a node of a cluster, in place of what did before. */
  open(cluster: string, id: NodeId, deliver: Deliver): void {
    this.#inboxOf(cluster, id).deliver = deliver;
  }

  /** Stops, unless another one has taken over. */
  close(cluster: string, id: NodeId, deliver: Deliver): void {
    const inbox = this.#inboxOf(cluster, id);
    if (inbox.deliver !== deliver) return;
    inbox.deliver = undefined;
    for (const frame of inbox.held) this.#forget({ inbox, frame });
    inbox.held = [];
  }

  /** Sends a frame along a link, with its faults. Gives false where the receiver's queue had no room for it. */
  carry(cluster: string, from: NodeId, to: NodeId, frame: Uint8Array): boolean {
    const inbox = this.#clusters.get(cluster)?.get(to);
    if (inbox?.deliver === undefined) return true;
    const { random, faultsOf } = this.parts;
    const { isCut, loss, duplication, delayMs, jitterMs } = faultsOf(from, to);
    if (isCut || (loss > 0 && random() < loss)) return true;
    const copies = duplication > 0 && random() < duplication ? 2 : 1;
    let hasRoom = true;
    for (let copy = 0; copy < copies; copy++) {
      hasRoom &&= this.#send({ inbox, frame }, jitterMs > 0 ? delayMs + jitterMs * random() : delayMs);
    }
    return hasRoom;
  }

  pause(id: NodeId): void {
    this.#paused.add(id);
    for (const inbox of this.#inboxesOf(id)) inbox.isPaused = true;
  }

  resume(id: NodeId): void {
    this.#paused.delete(id);
    for (const inbox of this.#inboxesOf(id)) {
      inbox.isPaused = false;
      for (const frame of inbox.held) this.#arriveSoon({ inbox, frame });
      inbox.held = [];
    }
  }

  queuedFrames(id: NodeId): number {
    return this.#inboxesOf(id).reduce((sum, { frames }) => sum + frames, 0);
  }

  #inboxesOf(id: NodeId): readonly Inbox[] {
    return [...this.#clusters.values()].flatMap((inboxes) => inboxes.get(id) ?? []);
  }

  #inboxOf(cluster: string, id: NodeId): Inbox {
    let inboxes = this.#clusters.get(cluster);
    if (inboxes === undefined) {
      inboxes = new Map();
      this.#clusters.set(cluster, inboxes);
    }
    let inbox = inboxes.get(id);
    if (inbox === undefined) {
      inbox = { deliver: undefined, frames: 0, bytes: 0, isPaused: this.#paused.has(id), held: [] };
      inboxes.set(id, inbox);
    }
    return inbox;
  }

  #send(arrival: Arrival, delayMs: number): boolean {
    const { inbox, frame } = arrival;
    const { queuedFramesMax, queuedBytesMax, clock } = this.parts;
    if (inbox.frames >= queuedFramesMax || inbox.bytes + frame.length > queuedBytesMax) return false;
    inbox.frames++;
    inbox.bytes += frame.length;
    if (delayMs > 0 && clock !== undefined) clock.after(delayMs, () => this.#arrive(arrival));
    else this.#arriveSoon(arrival);
    return true;
  }

  /** All that is sent until then arrives together. */
  #arriveSoon(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    if (this.#isWaveDue) return;
    this.#isWaveDue = true;
    const { clock, defer } = this.parts;
    this.#waves = (this.#waves + 1) % wavesMax;
    if (this.#waves === 0 && clock !== undefined) clock.after(0, this.#wave);
    else defer(this.#wave);
  }

  readonly #wave: () => void = () => {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    this.#isWaveDue = false;
    for (const arrival of arrivals) this.#arrive(arrival);
  };

  #arrive(arrival: Arrival): void {
    const { inbox, frame } = arrival;
    if (inbox.isPaused && inbox.deliver !== undefined) {
      inbox.held.push(frame);
      return;
    }
    this.#forget(arrival);
    if (inbox.deliver === undefined) return;
    if (!this.parts.scribbles) {
      inbox.deliver(frame);
      return;
    }
    const lent = new Uint8Array(frame);
    inbox.deliver(lent);
    lent.fill(0xa5);
  }

  #forget({ inbox, frame }: Arrival): void {
    inbox.frames--;
    inbox.bytes -= frame.length;
  }
}
