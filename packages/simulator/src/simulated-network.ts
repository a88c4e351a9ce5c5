import type { NodeInfo, Transport } from '@paxakos/core/contracts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Seeded } from './seeded.ts';

/** How the ways between nodes behave. */
export interface Weather {
  readonly latencyMs: number;
  /** Up to how much longer a frame may take: frames overtake one another. */
  readonly jitterMs: number;
  /** How likely a frame is lost, and how likely it comes twice, from 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
}

export interface NetworkParts {
  readonly scheduler: Scheduler;
  readonly random: Seeded;
  readonly frameBytesMax: number;
  readonly weather: Weather;
  /** Told of each frame that leaves a node, whatever becomes of it. */
  readonly onSend: (life: Life, receivers: readonly NodeInfo[], frame: Uint8Array) => void;
  /** Told of each frame that reaches a node. */
  readonly onArrive: (life: Life, frame: Uint8Array) => void;
}

interface Flight {
  readonly to: string;
  readonly frame: Uint8Array;
}

interface Receiver {
  readonly life: Life;
  readonly deliver: (frame: Uint8Array) => void;
}

/** Frames of former times that may come again. */
const keptFrames = 256;

/** A bus that loses, repeats, delays and reorders, and whose ways can be cut one direction at a time. */
export class SimulatedNetwork {
  readonly #parts: NetworkParts;
  readonly #receivers = new Map<string, Receiver>();
  readonly #cuts = new Map<string, number>();
  readonly #kept: Flight[] = [];
  weather: Weather;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.weather = parts.weather;
  }

  /** The way in for one life of a node. */
  transport(life: Life): Transport {
    const { frameBytesMax } = this.#parts;
    return {
      frameBytesMax,
      open: async (_self, deliver) => {
        this.#receivers.set(life.node, { life, deliver });
      },
      send: (receivers, frame) => {
        if (!life.isAlive) return;
        this.#parts.onSend(life, receivers, frame);
        for (const { id } of receivers) if (life.isAlive) this.#carry(life.node, id, frame);
      },
      close: async () => {
        if (this.#receivers.get(life.node)?.life === life) this.#receivers.delete(life.node);
      },
    };
  }

  /** Cuts one direction. Each cut is undone by a mend of its own. */
  cut(from: string, to: string): void {
    const way = `${from}>${to}`;
    this.#cuts.set(way, (this.#cuts.get(way) ?? 0) + 1);
  }

  mend(from: string, to: string): void {
    const way = `${from}>${to}`;
    const cuts = (this.#cuts.get(way) ?? 0) - 1;
    if (cuts > 0) this.#cuts.set(way, cuts);
    else this.#cuts.delete(way);
  }

  mendAll(): void {
    this.#cuts.clear();
  }

  /** Lets frames of former times arrive once more; gives how many. */
  replay(count: number): number {
    const flights = this.#parts.random.sample(this.#kept, count);
    for (const flight of flights) this.#arriveAfter(flight, 0);
    return flights.length;
  }

  #carry(from: string, to: string, frame: Uint8Array): void {
    const { random } = this.#parts;
    const { latencyMs, jitterMs, loss, duplication } = this.weather;
    const flight = { to, frame };
    if (this.#kept.length < keptFrames) this.#kept.push(flight);
    else if (random.chance(0.02)) this.#kept[random.below(keptFrames)] = flight;
    if (this.#cuts.has(`${from}>${to}`) || random.chance(loss)) return;
    const copies = duplication > 0 && random.chance(duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#arriveAfter(flight, latencyMs + jitterMs * random.next() ** 3);
  }

  #arriveAfter({ to, frame }: Flight, delayMs: number): void {
    this.#parts.scheduler.after(delayMs, () => {
      const receiver = this.#receivers.get(to);
      if (receiver === undefined) return;
      receiver.life.enter(() => {
        this.#parts.onArrive(receiver.life, frame);
        // As from a pool: whoever keeps it without a copy will notice (H62).
        const lent = new Uint8Array(frame);
        receiver.deliver(lent);
        lent.fill(0xa5);
      });
    });
  }
}
