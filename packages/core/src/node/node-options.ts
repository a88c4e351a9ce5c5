import type {
  AnyLogEntry,
  Clock,
  Codec,
  Communicator,
  NodeId,
  Random,
  Snapshot,
  StateFactory,
  Storage,
  Transport,
  Voter,
} from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import { systemClock, systemRandom } from '../platform/index.ts';
import { defaultTuning, type Tuning } from '../protocol/index.ts';
import type { AnyState } from './any-state.ts';
import { jsonCodec } from './json-codec.ts';
import { noStorage } from './no-storage.ts';

/** The entries that a state applies. */
export type EntryOf<S extends AnyState> = Parameters<S['apply']>[0] extends infer E extends AnyLogEntry ? E : never;

/** How a node that finds nothing in its storage comes to life. A log that is there decides for itself. */
export type Starting =
  /** A founding member of a new cluster, which is founded when all founders have met. The state is the initial one. */
  | { readonly as: 'founder' }
  /** With the final snapshot of a clean shutdown, used once: its promises are taken up. */
  | { readonly as: 'resume'; readonly snapshot: Snapshot }
  /** A member that lost its memory, with a snapshot or none: passive until the log names its new memory id. */
  | { readonly as: 'recover'; readonly snapshot?: Snapshot }
  /** A node that never voted: it follows, and votes from where the state names it. */
  | { readonly as: 'join' };

/** What a node is made of. */
export interface NodeOptions<S extends AnyState> {
  /** This node's id: 1 to 85 characters. */
  readonly id: NodeId;
  /** Makes the state: `create` for a new cluster, `thaw` out of what `freeze` gave. */
  readonly state: StateFactory<S, ReturnType<S['freeze']>>;
  /** The name of the cluster; nodes of others are not listened to. Default: `'paxakos'`. */
  readonly cluster?: string;
  /** Carries the messages. Give this or `communicator`. */
  readonly transport?: Transport;
  readonly communicator?: Communicator;
  /** Keeps what the node promised. Without it the node is passive after a restart. */
  readonly storage?: Storage;
  /** The application's say in this node's votes. */
  readonly voter?: Voter<EntryOf<S>>;
  /** Default: the platform's monotonic clock. */
  readonly clock?: Clock;
  /** Default: the platform's cryptographic randomness. */
  readonly random?: Random;
  /** Turns entries, frozen states and the data of votes into bytes. Default: `jsonCodec`. */
  readonly codec?: Codec;
  /** Default: `{ as: 'founder' }`. */
  readonly starting?: Starting;
  /** This node's address for its peers, where the transport needs one. Default: what the state names. */
  readonly address?: string;
  /** Switches decorations on or off, by name. */
  readonly flags?: Readonly<Record<string, boolean>>;
  /** Bytes of log after which a snapshot is taken and stored. Default: 64 MiB. */
  readonly snapshotEveryBytes?: number;
  /** Delays and bounds of the protocol. The defaults suit a local network. */
  readonly tuning?: Partial<Tuning>;
}

/** The options with every default filled in. */
export interface CheckedOptions<S extends AnyState> {
  readonly id: NodeId;
  readonly state: StateFactory<S, unknown>;
  readonly cluster: string;
  readonly transport: Transport | undefined;
  readonly communicator: Communicator | undefined;
  readonly storage: Storage;
  readonly voter: Voter<AnyLogEntry>;
  readonly clock: Clock;
  readonly random: Random;
  readonly codec: Codec;
  readonly starting: Starting;
  readonly address: string | undefined;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly snapshotEveryBytes: number;
  readonly tuning: Tuning;
}

/** Checks the options of a node. Throws `InvalidError`. */
export function checkedOptions<S extends AnyState>(options: NodeOptions<S>): CheckedOptions<S> {
  const { id, state, transport, communicator, starting = { as: 'founder' } } = options;
  if (typeof id !== 'string' || id.length === 0 || id.length > 85)
    throw new InvalidError('id', id, 'give a string of 1 to 85 characters');
  if (typeof state?.create !== 'function' || typeof state.thaw !== 'function') {
    throw new InvalidError(
      'state',
      state,
      'give { create, thaw }: how to make the initial state, and one from a snapshot',
    );
  }
  if ((transport === undefined) === (communicator === undefined)) {
    throw new InvalidError('transport', transport, 'give a transport, or a communicator, and not both');
  }
  if (!['founder', 'resume', 'recover', 'join'].includes(starting.as)) {
    throw new InvalidError('starting.as', starting.as, "give 'founder', 'resume', 'recover' or 'join'");
  }
  const { snapshotEveryBytes = 64 * 1024 * 1024 } = options;
  if (!(snapshotEveryBytes > 0))
    throw new InvalidError('snapshotEveryBytes', snapshotEveryBytes, 'give a number of bytes above 0');
  return {
    id,
    state: state as StateFactory<S, unknown>,
    cluster: options.cluster ?? 'paxakos',
    transport,
    communicator,
    storage: options.storage ?? noStorage(),
    voter: (options.voter ?? {}) as Voter<AnyLogEntry>,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    codec: options.codec ?? jsonCodec,
    starting,
    address: options.address,
    flags: options.flags ?? {},
    snapshotEveryBytes,
    tuning: checkedTuning(options.tuning),
  };
}

function checkedTuning(tuning: Partial<Tuning> = {}): Tuning {
  for (const [name, value] of Object.entries(tuning)) {
    if (!(name in defaultTuning))
      throw new InvalidError(`tuning.${name}`, value, `there is ${Object.keys(defaultTuning).join(', ')}`);
    if (typeof value !== 'number' || !(value > 0))
      throw new InvalidError(`tuning.${name}`, value, 'give a number above 0');
  }
  return { ...defaultTuning, ...tuning };
}
