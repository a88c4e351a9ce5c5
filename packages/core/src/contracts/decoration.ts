import type { AppendOptions, Commit } from './append.ts';
import type { Clock, Random } from './clock.ts';
import type { Codec } from './codec.ts';
import type { EventOfType, PaxakosEvent } from './event.ts';
import type { AnyLogEntry } from './log-entry.ts';
import type { NodeInfo } from './node-info.ts';
import type { CoordNum, IncarnationId, NodeId, RoundNum } from './numbers.ts';
import type { PaxakosNode, ReadOptions } from './paxakos-node.ts';
import type { Voter } from './voter.ts';

declare const needOf: unique symbol;

/** Says that a decoration needs another one, by its name, and the API that it then has. */
export interface Need<Api, Optional extends boolean = boolean> {
  readonly optional: Optional;
  readonly [needOf]?: (() => Api) | undefined;
}

/** Says that another decoration, where it is there at all, comes later: it stands above. */
export interface Later extends Need<never, true> {
  readonly later: true;
}

/** The other decorations that one needs, or must not have below it, by name. */
export type Needs = Readonly<Record<string, Need<unknown>>>;

/** The APIs that `N` gives. */
export type Uses<N extends Needs> = {
  readonly [Name in keyof N]: N[Name] extends Need<infer Api, infer Optional>
    ? Optional extends true
      ? Api | undefined
      : Api
    : never;
};

/** A need that must be met. */
export function required<Api>(): Need<Api, false> {
  return { optional: false };
}

/** A need that may be met. */
export function optional<Api>(): Need<Api, true> {
  return { optional: true };
}

/** A decoration that must not come before: what is appended here must not pass through it, or what is appended there must pass here. */
export function later(): Later {
  return { optional: true, later: true };
}

/** An experimental decoration is off until its flag says on. */
export type Stability = 'stable' | 'experimental';

/**
 * Messages between the same decoration on different nodes: bytes, unreliable. One may be lost, repeated or overtaken, and holds at
 * most the communicator's `messageBytesMax`, 64 MiB by default, its head included; a longer one is dropped.
 */
export interface Channel {
  /** Sends to each receiver. Never throws, never waits. */
  send(receivers: readonly NodeInfo[], bytes: Uint8Array): void;
  /** Calls `listener` on each message that arrives. What it throws becomes a `hookError`. */
  onMessage(listener: (sender: NodeInfo, bytes: Uint8Array) => void): void;
}

/** A vote that reached this node as a proposer. */
export interface VoteSeen {
  readonly kind: 'promise' | 'abstention' | 'acceptance' | 'rejection';
  readonly voter: NodeId;
  /** The voter's incarnation: its vote counts in the rounds whose cluster names this one (rule P10). */
  readonly incarnation: IncarnationId;
  readonly number: CoordNum;
  readonly round: RoundNum;
  /** What the voter's application gave, decoded; `undefined` where it gave nothing. */
  readonly data: unknown;
  /**
   * A moment before the request left this node, in milliseconds of its clock: just before, for a vote on an entry that is not yet
   * committed; else when the bid for leadership began.
   */
  readonly requestedAt: number;
}

/** Who governs the rounds from `from` on, up to the next cluster: the members whose votes count, each under one incarnation. */
export interface GoverningCluster {
  readonly from: RoundNum;
  readonly members: readonly NodeInfo[];
  readonly incarnations: ReadonlyMap<NodeId, IncarnationId>;
}

/** The rounds that may be proposed and are not yet applied, as the log says that is applied here (rule P9). */
export interface OpenRounds {
  /** The first one not applied. */
  readonly from: RoundNum;
  /** The last one, beyond which nobody may propose who has applied no more than this node. */
  readonly to: RoundNum;
  /** The greatest round known here as committed, in order or not. */
  readonly committed: RoundNum;
  /** Who governs them, in the order of the rounds; none before the founding. */
  readonly clusters: readonly GoverningCluster[];
}

/** The leadership that this node holds (rule P5). */
export interface MandateSeen {
  readonly number: CoordNum;
  /** It holds for every round that is not committed, up to this one. */
  readonly holdsThrough: RoundNum;
  /** Whatever leaders before this one may have placed in the rounds it holds for lies in rounds up to this one. */
  readonly inheritedThrough: RoundNum;
}

/** Appends, as the next layer down does. */
export type AppendFunction = (entry: AnyLogEntry, options: AppendOptions) => Promise<Commit<unknown>>;

/** Reads, as the next layer down does. */
export type ReadFunction = <Result>(
  fn: (state: unknown, round: RoundNum) => Result,
  options: ReadOptions,
) => Promise<Result>;

/** An option of a decoration: a value, or what makes one of the state as it is whenever the option is used. */
export type OfState<S, Value = number> = Value | ((state: S) => Value);

/** A timer whose moment may change at any time. It ends with the node. */
export interface DueTimer {
  /** When it is to go off, in milliseconds of the node's clock; infinite where it is not set. */
  readonly armedFor: number;
  /** It may be due sooner than before. Where it is due later, that is seen when it goes off. */
  arm(): void;
  /** As `arm`, once all entries have been applied that are being applied now. */
  armSoon(): void;
}

/** What a decoration is given when it is installed; its functions may be taken out of it. Everything taken here ends with the node. */
export interface DecorationHost<E extends AnyLogEntry = AnyLogEntry, N extends Needs = Needs> {
  /** The node; its appends and reads pass through the layers below only. */
  readonly node: PaxakosNode<E>;
  /** The APIs of the decorations that this one needs, by name; `undefined` for an optional one that is off or not there. */
  readonly uses: Uses<N>;
  readonly clock: Clock;
  readonly random: Random;
  /** Turns values of the application into bytes: entries without their ids, frozen states, the data of votes. */
  readonly codec: Codec;
  /** Aborted when the node stops. */
  readonly signal: AbortSignal;
  onEvent<Type extends PaxakosEvent<E>['type']>(
    this: void,
    type: Type,
    listener: (event: EventOfType<PaxakosEvent<E>, Type>) => void,
  ): void;
  /** Wraps every append of the layers above, and of the application; the last one installed is the outermost. */
  aroundAppend(this: void, wrap: (next: AppendFunction) => AppendFunction): void;
  /** Wraps every read of the layers above, and of the application; the last one installed is the outermost. */
  aroundRead(this: void, wrap: (next: ReadFunction) => ReadFunction): void;
  /** Wraps the voter; the last one installed is asked first. */
  aroundVoter(this: void, wrap: (next: Required<Voter<E>>) => Voter<E>): void;
  /** Calls `listener` on each vote that reaches this node as a proposer. What it throws becomes a `hookError`. */
  onVote(this: void, listener: (vote: VoteSeen) => void): void;
  /** The open rounds as of now, and who governs them. */
  openRounds(this: void): OpenRounds;
  /** The leadership that this node holds at this moment; `undefined` from the step on in which it is lost. */
  mandate(this: void): MandateSeen | undefined;
  /** The channel of this name to the same decoration on other nodes. Names of different decorations do not meet. */
  channel(this: void, name: string): Channel;
  /**
   * Calls `fn` once the node has started, then again each time after the milliseconds that it gives, until it gives
   * `undefined`. One call at a time. A call that throws or rejects is the last one, and becomes a `hookError`.
   */
  poll(this: void, fn: () => number | undefined | Promise<number | undefined>): void;
  /**
   * Makes a timer that calls `onDue` when it is due, and waits anew for when it is due then. `dueAt` gives that moment, in
   * milliseconds of the clock, infinite for never. A call that throws is the last one, and becomes a `hookError`.
   */
  dueTimer(this: void, dueAt: () => number, onDue: () => void): DueTimer;
  /** Gives up the node's state, as `node.eject` does. */
  eject(this: void, reason: unknown): Promise<void>;
  /** Resolves when the entry with this id is committed, as seen from now on. Rejects when the signal is aborted or the node stops. */
  awaitCommitOf(this: void, entryId: string, signal?: AbortSignal): Promise<RoundNum>;
  /** Appends a no-op of the protocol's own. */
  appendNoop(this: void, options?: AppendOptions): Promise<Commit<void>>;
  /**
   * Gives how to read an option that may depend on the state: anew each time. What its function throws, or `check` of what that
   * gives, is reported under `name`, once until it is well again; then, and without a state, the last good value counts, or
   * `initial`.
   */
  setting<Value>(
    this: void,
    name: string,
    option: OfState<never, Value>,
    initial: Value,
    check: (value: unknown) => Value,
  ): () => Value;
  /** Reports what a function of the application threw as a `hookError`, under the name of the decoration and of the hook. */
  reportError(this: void, hook: string, error: unknown): void;
}

/**
 * A plugin: what it is named, what it needs, and how it is installed. What `install` returns becomes `node.<name>`.
 *
 * It is generic over the entries that it appends, which must be of the application's log.
 */
export interface Decoration<
  Name extends string = string,
  Api extends object = object,
  N extends Needs = Needs,
  E extends AnyLogEntry = never,
> {
  readonly contract: 1;
  readonly name: Name;
  readonly stability: Stability;
  readonly needs: N;
  /** The calls of the API, which reject with `PAXAKOS_DECORATION_DISABLED` where the flag is off, and its plain values then. */
  readonly inert: Readonly<Record<string, unknown>> & { readonly [K in keyof Api]?: unknown };
  readonly install: (host: DecorationHost<AnyLogEntry, N>) => Api | Promise<Api>;
  /** For the compiler only: the entries that it appends. */
  readonly appends?: (() => E) | undefined;
}

/** The properties of an API that are no calls which give a promise. */
type Immediate<Api> = {
  [K in keyof Api]: Api[K] extends (...args: never) => PromiseLike<unknown> ? never : K;
}[keyof Api];

/**
 * What an API is where the flag is off, but for the calls that give a promise: those reject. All else has to be there, of its type,
 * and to do nothing.
 */
export type Inert<Api> = [Immediate<Api>] extends [never]
  ? { readonly inert?: Partial<Api> }
  : { readonly inert: { readonly [K in Immediate<Api>]: Api[K] } & Partial<Api> };

/** How to define a decoration. */
export type DecorationDefinition<Name extends string, Api extends object, N extends Needs> = Inert<NoInfer<Api>> & {
  readonly name: Name;
  /** Default: `'stable'`. */
  readonly stability?: Stability;
  readonly needs?: N;
  readonly install: (host: DecorationHost<AnyLogEntry, N>) => Api | Promise<Api>;
};

/** Defines a decoration that appends entries of type `E`: `defineDecoration<E>()({ name, needs, install })`. */
export function defineDecoration<E extends AnyLogEntry = never>(): <
  const Name extends string,
  Api extends object,
  // biome-ignore lint/complexity/noBannedTypes: no needs at all
  const N extends Needs = {},
>(
  definition: DecorationDefinition<Name, Api, N>,
) => Decoration<Name, Api, N, E> {
  return (definition) => ({
    contract: 1,
    name: definition.name,
    stability: definition.stability ?? 'stable',
    needs: (definition.needs ?? {}) as never,
    inert: (definition.inert ?? {}) as never,
    install: definition.install,
  });
}
