import {
  type AnyState,
  createNode,
  type EntryOf,
  flagsFromEnvironment,
  InvalidError,
  type NodeOptions,
  type PaxakosNode,
  type Storage,
  type Transport,
} from '@paxakos/core';
import { fsStorage } from '@paxakos/storage-fs';
import { connectTransport } from '../bus/connect-transport.ts';
import type { FeatureApis, Features } from './features.ts';
import { loadFeatures } from './load-features.ts';

/** What a node is made of, and which features it has. */
export interface StartNodeOptions<S extends AnyState, F extends object = Features<S>>
  extends Omit<NodeOptions<S>, 'transport' | 'storage'> {
  /** The bus: its address, as `connectTransport` takes it, or a transport. Give this or `communicator`. */
  readonly transport?: string | Transport;
  /** Where the node keeps what it promised: a directory, or a storage. Without it the node is passive after a restart. */
  readonly storage?: string | Storage;
  /** Which decorations it has. Default: all but master leases and leases. */
  readonly features?: F & Features<S> & { readonly [Name in Exclude<keyof F, keyof Features>]: never };
}

/**
 * Starts a node with the usual decorations, loading the packages of those that are on. Flags come from the environment where none
 * are given. Rejects with `InvalidError`, `TransportError`, `StorageError`, `SnapshotError` or `DecorationError`, and then leaves
 * nothing open.
 */
// biome-ignore lint/complexity/noBannedTypes: no features named
export async function startNode<S extends AnyState, const F extends object = {}>(
  options: StartNodeOptions<S, F>,
): Promise<PaxakosNode<EntryOf<S>, S> & FeatureApis<F>> {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('options', options, 'give startNode() an object with id, state and transport');
  const { transport, storage, features = {}, ...rest } = options;
  const decorations = await loadFeatures(features as Features<S>);
  const builder = createNode<S>({
    flags: flagsFromEnvironment(process.env),
    ...rest,
    ...(transport !== undefined && {
      transport: typeof transport === 'string' ? await connectTransport(transport) : transport,
    }),
    ...(storage !== undefined && {
      storage: typeof storage === 'string' ? fsStorage({ directory: storage }) : storage,
    }),
  });
  const decorated = decorations.reduce((below, decoration) => below.with(decoration as never), builder);
  return (await decorated.start()) as unknown as PaxakosNode<EntryOf<S>, S> & FeatureApis<F>;
}
