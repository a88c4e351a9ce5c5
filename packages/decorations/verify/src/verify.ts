import {
  type AnyLogEntry,
  type Decoration,
  type DecorationHost,
  defineDecoration,
  type Need,
  optional,
  type RoundNum,
} from '@paxakos/core/contracts';
import { type Check, Verifier } from './verifier.ts';
import {
  type CheckedVerifyOptions,
  checkedNumber,
  checkedVerifyOptions,
  defaults,
  type VerifyOptions,
} from './verify-options.ts';

/** How often to look whether a comparison is due, at least, in milliseconds. */
const lookMsMax = 1_000;

/** What `node.verify` is. */
export interface Verify {
  /** The last round in which a majority had this node's state; `undefined` where there was none since it has this state. */
  readonly lastConfirmed: RoundNum | undefined;
  /** How many messages of peers could not be read. */
  readonly refused: number;
  /**
   * Whether a majority has this node's state in this round, or a later one: one of the members now, and one of those who were to
   * govern when the state was last confirmed, whomever it names. Where that is not known, has the nodes compare their states now. Where most members say that they have no state at all, those that have one must agree, and all must have
   * answered. `false` where the node has no state, gives it up or stops, or answers are lacking after a few tries. Default: the
   * next round, so that the nodes compare the states that they have now.
   */
  confirms(round?: RoundNum): Promise<boolean>;
  /** Calls `listener` with what came of each check point; gives a function that stops it. What it throws becomes a `hookError`. */
  onCheck(listener: (check: Check) => void): () => void;
}

/** What the decoration `catchUp` lets others have a say in. */
interface Vetting {
  vet(check: (snapshot: { readonly round: RoundNum }) => Promise<boolean>): void;
}

/**
 * Makes the decoration `verify`: nodes compare their states now and then; one whose state is not that of a majority gives it up,
 * and says in which rounds it went wrong. Throws `InvalidError`.
 */
export function verify<S = never, E extends AnyLogEntry = never>(
  options: VerifyOptions<S, E> = {},
): Decoration<'verify', Verify, { readonly catchUp: Need<Vetting, false | true> }, E> {
  const checked = checkedVerifyOptions(options as VerifyOptions<never, AnyLogEntry>);
  return defineDecoration<E>()({
    name: 'verify',
    needs: { catchUp: optional<Vetting>() as Need<Vetting> },
    inert: { lastConfirmed: undefined, refused: 0, onCheck: () => () => {} },
    install: (host) => install(host as unknown as Host, checked),
  });
}

type Host = DecorationHost & { readonly uses: { readonly catchUp: Vetting | undefined } };

function install(host: Host, options: CheckedVerifyOptions): Verify {
  const { clock, node, poll, random, uses } = host;
  const of = (name: keyof typeof defaults): (() => number) =>
    host.setting(name, options[name], defaults[name], (value) => checkedNumber(name, value));
  const intervalMs = of('intervalMs');
  const verifier = new Verifier(host, options, { everyRounds: of('everyRounds'), answerMs: of('answerMs') });
  const listeners = new Set<(check: Check) => void>();
  verifier.onCheck = (check) => {
    for (const listener of listeners) {
      try {
        listener(check);
      } catch (error) {
        host.reportError('onCheck', error);
      }
    }
  };
  let triedAt = clock.now();
  let tries = 0;
  // Where nobody leads, one of the others has to begin; at different times, so that they do not get in each other's way.
  const patience = 2 + random();
  poll(() => {
    verifier.refresh();
    const everyMs = intervalMs();
    const dueMs = node.status === 'leading' ? everyMs : everyMs * patience;
    const leftMs = Math.max(verifier.checkedAt, triedAt) + dueMs - clock.now();
    if (verifier.checkedAt >= triedAt) tries = 0;
    if (leftMs > 0) return Math.min(leftMs, lookMsMax);
    triedAt = clock.now();
    tries += 1;
    // Whoever leads is asked first, if anybody does.
    verifier.request(tries > 1);
    return Math.min(everyMs, lookMsMax);
  });
  const confirms = (round: RoundNum = node.round + 1): Promise<boolean> => verifier.confirms(round);
  // A state may have gone wrong after its digest was made in the very round of the snapshot.
  uses.catchUp?.vet(({ round }) => confirms(round + 1));
  return {
    get lastConfirmed() {
      return verifier.lastConfirmed;
    },
    get refused() {
      return verifier.refused;
    },
    confirms,
    onCheck(listener) {
      const own: typeof listener = (check) => listener(check);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
