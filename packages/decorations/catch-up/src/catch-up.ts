import {
  type Decoration,
  type DecorationHost,
  defineDecoration,
  type Need,
  optional,
  type RoundNum,
  StoppedError,
} from '@paxakos/core/contracts';
import { Acquaintances } from './acquaintances.ts';
import { Borrower, type CatchUpProgress } from './borrower.ts';
import {
  type CatchUpOptions,
  type CheckedCatchUpOptions,
  checkedCatchUpOptions,
  defaults,
  type TimeName,
  timeBounds,
} from './catch-up-options.ts';
import { Lender, type Vet } from './lender.ts';
import { Mailbox } from './mailbox.ts';
import type { Message } from './message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { Plight } from './plight.ts';
import { setting } from './setting.ts';

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
    inert: { isCatchingUp: false, progress: undefined, refused: 0 },
    install: (host) => install(host as unknown as Host, checked),
  });
}

type Host = DecorationHost & { readonly uses: { readonly verify: Confirming | undefined } };

function install(host: Host, options: CheckedCatchUpOptions): CatchUp {
  const { clock, node, random, signal, uses } = host;
  const times: (() => number)[] = [];
  const time = (name: TimeName): (() => number) => {
    const read = setting(host, name, options[name], defaults[name], timeBounds);
    times.push(read);
    return read;
  };
  const retryMs = time('retryMs');
  const retryMsMax = time('retryMsMax');
  const checkMs = time('checkMs');
  const channel = host.channel('snapshots');
  const mailbox = new Mailbox(clock, signal);
  const acquaintances = new Acquaintances(node);
  const plight = new Plight(host, time('stalledMs'));
  const listeners = new Set<(progress: CatchUpProgress | undefined) => void>();
  const { chunkBytes, chunksInFlightMax, snapshotBytesMax } = options;
  let progress: CatchUpProgress | undefined;
  let refused = 0;
  let running: Promise<void> | undefined;

  const lender = new Lender({
    host,
    chunkBytes,
    snapshotBytesMax,
    snapshotEveryMs: time('snapshotEveryMs'),
    holdMs: time('holdMs'),
    send: (peer, message) => channel.send([peer], encodeMessage(message)),
  });
  const borrower = new Borrower({
    host,
    mailbox,
    acquaintances,
    snapshotBytesMax,
    chunksInFlightMax,
    answerMs: time('answerMs'),
    needed: () => plight.needed,
    send: (peers, message) => channel.send(peers, encodeMessage(message)),
    onProgress: (next) => {
      if (progress === next) return;
      progress = next;
      for (const listener of listeners) {
        try {
          listener(next);
        } catch (error) {
          host.reportError('onProgress', error);
        }
      }
    },
  });

  const run = async (): Promise<void> => {
    for (let delayMs = 0; plight.needed !== undefined && !signal.aborted; ) {
      if (await borrower.attempt()) {
        delayMs = 0;
        continue;
      }
      if (plight.needed === undefined || signal.aborted) break;
      delayMs = Math.min(Math.max(delayMs * 2, retryMs()), retryMsMax());
      await mailbox.sleep(delayMs * (0.5 + random() / 2));
    }
    borrower.forget();
  };
  const look = (): Promise<void> => {
    if (running === undefined && plight.needed !== undefined && !signal.aborted)
      running = run()
        .catch((error: unknown) => host.reportError('catchUp', error))
        .finally(() => {
          running = undefined;
        });
    return running ?? Promise.resolve();
  };

  channel.onMessage((sender, bytes) => {
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch {
      refused += 1;
      return;
    }
    acquaintances.meet(sender);
    if (message.type === 'find') lender.find(sender, message);
    else if (message.type === 'open') lender.open(sender, message);
    else if (message.type === 'want') lender.want(sender, message);
    else if (running !== undefined) mailbox.put({ sender, message });
  });
  host.onEvent('eject', () => {
    lender.dropAll();
    void look();
  });
  plight.onChange(() => void look());
  host.poll(() => {
    plight.check();
    acquaintances.meetMembers();
    void look();
    // Where there is no state, the times are those that it last gave.
    for (const read of times) read();
    return checkMs();
  });
  if (uses.verify !== undefined) {
    const { verify } = uses;
    lender.vets.push(({ round }) => verify.confirms(round));
  }
  return {
    get isCatchingUp() {
      return running !== undefined;
    },
    get progress() {
      return progress;
    },
    get refused() {
      return refused;
    },
    onProgress(listener) {
      const own: typeof listener = (next) => listener(next);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async now() {
      if (signal.aborted) throw new StoppedError('catchUp.now');
      plight.check();
      const done = look();
      mailbox.wake();
      await done;
      if (signal.aborted) throw new StoppedError('catchUp.now');
    },
    vet: (check) => void lender.vets.push(check),
  };
}
