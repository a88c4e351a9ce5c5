import type { AnyLogEntry, Decoration, Later, Need, Needs, PaxakosNode } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import type { AnyState } from './any-state.ts';
import { type AnyDecoration, checkDecorations, installDecorations } from './install-decorations.ts';
import { type CheckedOptions, checkedOptions, type EntryOf, type NodeOptions } from './node-options.ts';
import { RunningNode } from './running-node.ts';
import { startNode } from './start-node.ts';

/** The decorations that must come first, and have not. */
type Missing<N extends Needs, Apis> = {
  [Name in keyof N]: N[Name] extends { readonly optional: false } ? (Name extends keyof Apis ? never : Name) : never;
}[keyof N];

/** The decorations that must come later, and are there. */
type Early<N extends Needs, Apis> = {
  [Name in keyof N & keyof Apis]: N[Name] extends Later ? Name : never;
}[keyof N & keyof Apis];

/** The decorations that are there with another API than is needed of them. */
type Unfit<N extends Needs, Apis> = {
  [Name in keyof N & keyof Apis]: N[Name] extends Need<infer Api> ? (Apis[Name] extends Api ? never : Name) : never;
}[keyof N & keyof Apis];

/** `unknown` where the decoration fits; otherwise a type that says, in the compiler's message, what is wrong. */
type Fits<Name extends string, N extends Needs, A, E, Apis> = Name extends keyof Apis
  ? { readonly problem: `this decoration is installed already: ${Name}` }
  : Name extends keyof PaxakosNode
    ? { readonly problem: `a node has this of its own: ${Name}` }
    : [Missing<N, Apis>] extends [never]
      ? [Early<N, Apis>] extends [never]
        ? [Unfit<N, Apis>] extends [never]
          ? [A] extends [E]
            ? unknown
            : { readonly problem: 'this decoration appends entries that the state does not have' }
          : { readonly problem: `this decoration needs another API of: ${Unfit<N, Apis> & string}` }
        : { readonly problem: `install these decorations after this one: ${Early<N, Apis> & string}` }
      : { readonly problem: `install these decorations first: ${Missing<N, Apis> & string}` };

/** An API under its name. What is not known by name, as one of an array of decorations, is not seen by the compiler. */
type Named<Name extends string, Api> = { readonly [K in Name as string extends K ? never : K]: Api };

/** A node to be: decorate it, then start it. */
export interface NodeBuilder<S extends AnyState, Apis extends object> {
  /** Adds a decoration, above those added before. */
  with<Name extends string, Api extends object, N extends Needs, A extends AnyLogEntry>(
    decoration: Decoration<Name, Api, N, A> & Fits<Name, N, A, EntryOf<S>, Apis>,
  ): NodeBuilder<S, Apis & Named<Name, Api>>;
  /**
   * Starts the node. Rejects with `InvalidError`, `StorageError`, `TransportError`, `SnapshotError` or `DecorationError`, and
   * then leaves nothing open.
   */
  start(): Promise<PaxakosNode<EntryOf<S>, S> & Apis>;
}

/** Makes a node to be decorated and started. Throws `InvalidError` where an option is not what it must be. */
export function createNode<S extends AnyState>(options: NodeOptions<S>): NodeBuilder<S, object> {
  return new CoreNodeBuilder<S, object>(checkedOptions(options) as unknown as CheckedOptions<AnyState>, []);
}

class CoreNodeBuilder<S extends AnyState, Apis extends object> implements NodeBuilder<S, Apis> {
  readonly #options: CheckedOptions<AnyState>;
  readonly #decorations: readonly AnyDecoration[];
  #started = false;

  constructor(options: CheckedOptions<AnyState>, decorations: readonly AnyDecoration[]) {
    this.#options = options;
    this.#decorations = decorations;
  }

  with<Name extends string, Api extends object, N extends Needs, A extends AnyLogEntry>(
    decoration: Decoration<Name, Api, N, A>,
  ): NodeBuilder<S, Apis & Named<Name, Api>> {
    return new CoreNodeBuilder<S, Apis & Named<Name, Api>>(this.#options, [
      ...this.#decorations,
      decoration as unknown as AnyDecoration,
    ]);
  }

  async start(): Promise<PaxakosNode<EntryOf<S>, S> & Apis> {
    if (this.#started)
      throw new InvalidError('start()', 'called for the second time', 'make another node with createNode()');
    this.#started = true;
    checkDecorations(this.#decorations);
    let node: RunningNode | undefined;
    await startNode(this.#options, async (core) => {
      const { append, read, apis } = await installDecorations(core, this.#decorations);
      node = Object.assign(new RunningNode(core, append, read), apis);
    });
    return node as unknown as PaxakosNode<EntryOf<S>, S> & Apis;
  }
}
