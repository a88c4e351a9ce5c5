import {
  type Decoration,
  type DecorationHost,
  defineDecoration,
  type Need,
  optional,
  type RoundNum,
  StoppedError,
} from '@paxakos/core/contracts';
import type { CatchUpProgress } from './borrower.ts';
import { type CatchUpOptions, type CheckedCatchUpOptions, checkedCatchUpOptions } from './catch-up-options.ts';
import type { Vet } from './lender.ts';
import { Repairs } from './repairs.ts';

/** What `node.catchUp` is. */
export interface CatchUp {
  /** Whether this node needs a snapshot, and looks for one or fetches it. */
  readonly isCatchingUp: boolean;
  /** How far a snapshot has come; `undefined` while none is being fetched. */
  readonly progress: CatchUpProgress | undefined;
  /** How many messages of peers could not be read. */
  readonly refused: number;
  /**
   * Calls `listener` with each change of `progress`; gives a function that stops it. What it throws becomes a `hookError`.
   */
  onProgress(listener: (progress: CatchUpProgress | undefined) => void): () => void;
  /**
   * Looks at once, not when the next check or try is due. Resolves when this node needs no snapshot, or has got one; rejects
   * with `StoppedError` when the node stops before.
   */
  now(): Promise<void>;
  /**
   * Has each snapshot that is taken for peers vetted: it is given away only where every check gives `true`. For decorations
   * that know more of the state; one that throws or rejects counts as against, and is reported as a `hookError`.
   */
  vet(check: Vet): void;
}

/** What the decoration `verify` says to one that gives snapshots away. */
interface Confirming {
  /** Whether a majority has confirmed this node's state in this round, or a later one. Takes its time. */
  confirms(round: RoundNum): Promise<boolean>;
}

/**
 * Makes the decoration `catchUp`: a node without a state, or so far behind that no peer has the entries any more, gets a
 * snapshot from a peer that is level, and installs it. Throws `InvalidError`.
 */
export function catchUp<S = never>(
  options: CatchUpOptions<S> = {},
): Decoration<'catchUp', CatchUp, { readonly verify: Need<Confirming, false | true> }> {
  const checked = checkedCatchUpOptions(options);
  return defineDecoration()({
    name: 'catchUp',
    needs: { verify: optional<Confirming>() as Need<Confirming> },
    inert: { isCatchingUp: false, progress: undefined, refused: 0, onProgress: () => () => {}, vet: () => {} },
    install: (host) => install(host as unknown as Host, checked),
  });
}

type Host = DecorationHost & { readonly uses: { readonly verify: Confirming | undefined } };

function install(host: Host, options: CheckedCatchUpOptions): CatchUp {
  const { signal, uses } = host;
  const repairs = new Repairs(host, options);
  const { verify } = uses;
  // In a later round: a state may have gone wrong after it was compared in the very round of the snapshot.
  if (verify !== undefined) repairs.vet(({ round }) => verify.confirms(round + 1));
  return {
    get isCatchingUp() {
      return repairs.isRunning;
    },
    get progress() {
      return repairs.progress;
    },
    get refused() {
      return repairs.refused;
    },
    onProgress(listener) {
      const own: typeof listener = (progress) => listener(progress);
      repairs.listeners.add(own);
      return () => void repairs.listeners.delete(own);
    },
    async now() {
      if (!signal.aborted) await repairs.now();
      if (signal.aborted) throw new StoppedError('catchUp.now');
    },
    vet: (check) => repairs.vet(check),
  };
}
