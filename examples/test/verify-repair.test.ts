// Goal: a state that goes wrong under faults is found, given up, repaired, and spreads to nobody. Method: simulated clusters of
// nodes with catchUp and verify, in which one node's state is corrupted now and then; the corruption is a part of the state, so
// that it can be seen wherever it goes.
import { catchUp } from '@paxakos/catch-up';
import { applyWith, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import { campaign } from '@paxakos/simulator';
import { DivergedError, verify } from '@paxakos/verify';
import test from 'ava';

type Op = LogEntry<'add', { value: number }, number>;
interface Frozen {
  readonly total: number;
  readonly taint: number;
  /** Whom a corrupted state names instead of the members. */
  readonly wrong?: readonly NodeInfo[] | undefined;
}

class Sum implements State<Op, Frozen> {
  readonly #members: readonly NodeInfo[];
  readonly #window: number;
  total: number;
  taint: number;
  wrong: readonly NodeInfo[] | undefined;

  constructor(members: readonly NodeInfo[], window: number, { total, taint, wrong }: Frozen = { total: 0, taint: 0 }) {
    this.#members = members;
    this.wrong = wrong;
    this.#window = window;
    this.total = total;
    this.taint = taint;
  }

  readonly apply: State<Op>['apply'] = applyWith<Op>({
    add: ({ value }) => {
      this.total += value;
      return this.total;
    },
  });

  corrupt(naming: Naming): void {
    this.taint += 1;
    this.wrong = naming(this.#members);
  }

  look(): number {
    return this.taint;
  }

  cluster(): readonly NodeInfo[] {
    return this.wrong ?? this.#members;
  }

  concurrency(): number {
    return this.#window;
  }

  freeze(): Frozen {
    const { taint, total, wrong } = this;
    return { total, taint, ...(wrong === undefined ? {} : { wrong }) };
  }
}

type Naming = (members: readonly NodeInfo[]) => readonly NodeInfo[] | undefined;
const strangers = ['x', 'y', 'z'].map((id) => ({ id }));
/**
 * Whom a state names that went wrong. Strangers never come to govern, as the log knows no memory of them; whoever names only
 * itself would come to commit alone, which no checker of the log lets pass.
 */
const namings: readonly Naming[] = [
  () => undefined,
  (members) => [...members.filter(({ id }) => id === 'b'), ...strangers.slice(2)],
  (members) => [...members, ...strangers],
];

/** Where a node has no state that it could give to others. */
const lost: readonly string[] = ['disoriented', 'stranded'];

/** What a node is like, as the test knows and the node does not. */
interface Health {
  readonly status: () => string;
  readonly eject: () => Promise<void>;
  isAlive: boolean;
  /** A round whose entry no peer has any more. */
  stranded: number;
  taint: number;
  /** After which round it was corrupted. */
  since: number;
}

async function corrupting(nodes: number, seeds: number, from: number) {
  const seen = { corrupted: 0, misnamed: 0, ejected: 0, repaired: 0, confirmed: 0, undecided: 0, lost: 0 };
  let cluster = new Map<string, Health>();
  /** Who caught the corruption without blame, since nobody had a sound state any more. */
  let carriers = new Set<string>();
  let before = Number.POSITIVE_INFINITY;
  /** Whether the victim has gone wrong for the last time. */
  let isOver = false;
  /** Whether so many have a sound state that they must find one that is wrong. */
  const isFindable = (): boolean => {
    const sound = [...cluster.values()].filter(
      ({ isAlive, taint, status }) => isAlive && taint === 0 && !lost.includes(status()),
    );
    return carriers.size === 0 && sound.length > nodes / 2;
  };
  const { failures } = await campaign({
    seeds,
    from,
    nodes,
    rescues: false,
    // A state that is given up, and one that is corrupted, are meant to be.
    unchecked: ['invariants', 'state equality'],
    state: (members: readonly NodeInfo[], window: number) => ({
      create: () => new Sum(members, window),
      thaw: (frozen: Frozen) => new Sum(members, window, frozen),
    }),
    workload: (id, random) => ({ id, type: 'add', value: random.below(9) }) as const,
    decorate(builder, { random }) {
      const repairing = catchUp({ chunkBytes: 1_024, retryMsMax: 1_000, stalledMs: 3_000 });
      const verifying = verify({ everyRounds: 20, intervalMs: 700, answerMs: 300 });
      const oneWay = builder.with(repairing).with(verifying);
      return random.chance(0.5) ? oneWay : builder.with(verifying).with(repairing);
    },
    lacking() {
      const alive = [...cluster.values()].filter((health) => health.isAlive);
      if (!isOver && cluster.get('b')?.isAlive === true) return 'b is to go wrong once more, with no faults about';
      return isFindable() && alive.some(({ taint }) => taint > 0) ? 'a wrong state has not been given up' : undefined;
    },
    drive(node, { clock, complain, id, isHealed, random, signal, worldMs }) {
      if (worldMs() < before) {
        cluster = new Map();
        carriers = new Set();
        isOver = false;
      }
      before = worldMs();
      const eject = (): Promise<void> => node.eject('it needs a snapshot now').catch(() => {});
      // Nobody can bring such a state forward any more, so it counts for none, here as there.
      const status = (): string => (node.round < health.stranded ? 'stranded' : node.status);
      const health: Health = { status, eject, isAlive: true, stranded: 0, taint: 0, since: 0 };
      node.on('stranded', ({ round }) => {
        health.stranded = round;
      });
      cluster.set(id, health);
      signal.addEventListener('abort', () => {
        health.isAlive = false;
      });
      const isVictim = id === 'b';
      const look = (): void => {
        node
          .read((state) => (health.taint = state.look()), { consistency: 'stale' })
          .catch(() => {
            health.taint = 0;
          });
        const sound = [...cluster].filter(
          ([, other]) => other.isAlive && other.taint === 0 && !lost.includes(other.status()),
        );
        if (health.taint === 0) carriers.delete(id);
        if (health.taint === 0 || isVictim || carriers.has(id)) return;
        // Where nobody had a sound state any more, the last one that was left is what there is, also after a restart.
        if (sound.length > 0)
          complain(`it has caught the corruption, while ${sound.map(([other]) => other).join()} had not`);
        else seen.lost += 1;
        carriers.add(id);
      };
      look();
      // What an operator would do by hand is not to be blamed on anybody.
      const takeSnapshot = node.takeSnapshot.bind(node);
      node.takeSnapshot = async () => {
        if (health.taint > 0) throw new Error('the state is wrong');
        return takeSnapshot();
      };
      node.on('apply', look);
      node.on('install', () => {
        if (isVictim) seen.repaired += 1;
        health.since = 0;
        look();
      });
      node.on('hookError', ({ hook, error }) => complain(`${hook}: ${String(error)}`));
      node.on('eject', ({ reason }) => {
        if (!(reason instanceof DivergedError)) return;
        seen.ejected += 1;
        // Where nobody had a sound state any more, the corruption may be what most of them have by now.
        if (health.taint === 0 && carriers.size === 0) complain(`it gives up a state that is right: ${reason.message}`);
        else if (health.taint > 0 && (reason.from > health.since + 1 || reason.to < health.since))
          complain(`it went wrong after round ${health.since}, and says: ${reason.message}`);
        health.taint = 0;
      });
      node.verify.onCheck(({ type }) => {
        if (type === 'equal') seen.confirmed += 1;
        if (type !== 'undecided') return;
        seen.undecided += 1;
        // Of two that differ, with the third without a state, nobody can tell who is wrong; an operator who knows it says so.
        if (isVictim && isHealed() && !isFindable()) void node.eject('an operator knows').catch(() => {});
      });
      const corrupt = (): void => {
        if (signal.aborted || isOver) return;
        const isLast = isHealed();
        const hasState = node.status !== 'disoriented';
        isOver = isLast && hasState;
        if (health.taint === 0 && hasState && (isLast || random.chance(0.4))) {
          seen.corrupted += 1;
          health.since = node.round;
          const naming = random.pick(namings);
          const corruption = (state: Sum): void => {
            state.corrupt(naming);
            if (state.wrong !== undefined) seen.misnamed += 1;
          };
          node.read(corruption, { consistency: 'stale' }).then(look, () => {});
          // Before anybody has noticed, another node is in need.
          const others = [...cluster.values()].filter(
            (other) => other !== health && other.isAlive && other.status() !== 'disoriented',
          );
          if (others.length > 1 && !isLast && random.chance(0.5)) void random.pick(others).eject();
        }
        clock.after(1_000, corrupt);
      };
      if (isVictim) clock.after(500, corrupt);
    },
  });
  return { failures: failures.map(({ seed, violation }) => ({ seed, violation })), seen };
}

for (const [nodes, seeds] of [
  [3, 6],
  [5, 4],
] as const)
  test(`of ${nodes} nodes the one that goes wrong is found and repaired, and spreads it to nobody`, async (t) => {
    const { failures, seen } = await corrupting(nodes, seeds, 0);
    t.deepEqual(failures, []);
    t.log(JSON.stringify(seen));
    t.true(seen.ejected >= seeds / 2, JSON.stringify(seen));
  });
