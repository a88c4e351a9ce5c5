// Holders: no two hold a lease of one name at once, by the time of the world, and whoever takes it has a greater token than all
// before, unless a clock goes faster or slower than was declared; whatever the clocks do, a token has one owner, and a resource
// that refuses smaller tokens sees nobody after one who came later.
import type { Lease } from '@paxakos/leaser';
import { driftMax } from './decorated-features.ts';
import type { Actor, Watch } from './watch.ts';

const sampleEveryMs = 20;
/** After so long it shows whether a clock was off. */
const patienceMs = 150;

interface Holding {
  readonly lease: Lease;
  readonly by: Actor;
}

interface Sample {
  readonly own: number;
  readonly strikes: number;
}

/** Knows all holders, and all clocks. */
export class HolderWatch implements Watch {
  /** Who has taken each name, and may hold it still. */
  readonly #holdings = new Map<string, Holding[]>();
  readonly #owners = new Map<string, Lease>();
  /** The greatest token that each name was taken under, and that its resource has seen. */
  readonly #greatest = new Map<string, number>();
  readonly #seen = new Map<string, number>();
  readonly #suspicions: { readonly problem: string; readonly at: number }[] = [];
  /** Whether some clock has gone faster or slower than it may. One that jumps, and then goes on as before, is not off. */
  #isOff = false;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #samples = new Map<Actor, Sample>();

  look({ context: { complain, worldMs } }: Actor, all: readonly Actor[]): void {
    const now = worldMs();
    const passedMs = now - this.#sampledAt;
    if (passedMs < sampleEveryMs) return;
    const samples = new Map<Actor, Sample>();
    for (const actor of all) {
      const own = actor.context.clock.now();
      const before = this.#samples.get(actor);
      const rate = before === undefined ? 1 : (own - before.own) / passedMs;
      const isFar = rate > 1 + driftMax + 1e-6 || rate < 1 - driftMax - 1e-6;
      const strikes = isFar ? (before?.strikes ?? 0) + 1 : 0;
      this.#isOff ||= strikes > 1;
      samples.set(actor, { own, strikes });
    }
    this.#samples = samples;
    this.#sampledAt = now;
    const [first] = this.#suspicions;
    if (first === undefined || now < first.at + patienceMs) return;
    if (!this.#isOff) complain(`holders: ${first.problem}`);
    this.#suspicions.shift();
  }

  taken(lease: Lease, by: Actor): void {
    const { name, token } = lease;
    const { complain } = by.context;
    const who = `${by.context.id} under ${token}`;
    const owner = this.#owners.get(`${token} ${name}`);
    if (owner !== undefined && owner !== lease) complain(`holders: token ${token} of ${name} has two owners`);
    this.#owners.set(`${token} ${name}`, lease);
    const greatest = this.#greatest.get(name) ?? 0;
    if (token <= greatest) this.#suspect(by, `${who} has taken ${name}, which was taken under ${greatest} before`);
    this.#greatest.set(name, Math.max(greatest, token));
    const others = (this.#holdings.get(name) ?? []).filter(isHolding);
    const [other] = others;
    if (other !== undefined)
      this.#suspect(by, `${other.by.context.id} under ${other.lease.token} and ${who} hold ${name} at once`);
    this.#holdings.set(name, [...others, { lease, by }]);
  }

  /** Whoever holds the lease uses what it stands for. */
  act(lease: Lease, by: Actor): void {
    const { name, token } = lease;
    const seen = this.#seen.get(name) ?? 0;
    this.#seen.set(name, Math.max(seen, token));
    if (token >= seen) return by.context.count('a resource is used under a lease');
    by.context.count('a resource refuses an older owner');
    this.#suspect(by, `${by.context.id} under ${token} uses ${name} after ${seen}, and holds it by its clock`);
  }

  /** It may have been a clock. */
  #suspect({ context: { worldMs } }: Actor, problem: string): void {
    this.#suspicions.push({ problem, at: worldMs() });
  }
}

/** Asked without telling it, since its process may be suspended. */
function isHolding({ lease, by: { context } }: Holding): boolean {
  return !context.signal.aborted && !lease.signal.aborted && context.clock.now() < lease.expiresAt;
}
