import { addressBytesMax, clusterBytesMax, encodeUtf8, isWellFormed, nodeIdBytesMax } from '../communicator/index.ts';
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
  /**
   * With the final snapshot of a clean shutdown: its promises are taken up. DANGER: use it once. Used again, after the node has
   * taken part, it makes the node forget what it promised since, and entries that were committed can be lost.
   */
  | { readonly as: 'resume'; readonly snapshot: Snapshot }
  /** A member that lost its memory, with a snapshot or none: passive until the log names its new incarnation. */
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
  /** Default: the platform's monotonic clock, and `Date.now` beside it. */
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
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('options', options, 'give createNode() an object with id, state and transport');
  for (const [name, value] of Object.entries(options)) checkOption(name, value);
  const { id, state, transport, communicator, starting = { as: 'founder' }, cluster = 'paxakos' } = options;
  // What is required, and is not there at all, has not been looked at.
  checkOption('id', id);
  checkOption('state', state);
  if ((transport === undefined) === (communicator === undefined))
    throw new InvalidError('transport', transport, 'give a transport, or a communicator, and not both');
  return {
    id,
    state: state as StateFactory<S, unknown>,
    cluster,
    transport,
    communicator,
    storage: options.storage ?? noStorage(),
    voter: (options.voter ?? {}) as Voter<AnyLogEntry>,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    codec: options.codec ?? jsonCodec,
    starting,
    address: options.address,
    flags: { ...options.flags },
    snapshotEveryBytes: options.snapshotEveryBytes ?? 64 * 1024 * 1024,
    tuning: checkedTuning(options.tuning),
  };
}

interface Rule {
  readonly remedy: string;
  readonly fits: (value: unknown) => boolean;
}

/** An object with these methods. */
function methods(what: string, ...names: readonly string[]): Rule {
  const fits = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function');
  return { remedy: `give ${what}: an object with ${names.join(', ')}`, fits };
}

const plainClock = methods('a clock', 'now', 'after');
const clocks: Rule = {
  remedy: `${plainClock.remedy}, and wallNow where there is one`,
  fits: (value) => plainClock.fits(value) && ['function', 'undefined'].includes(typeof (value as Clock).wallNow),
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isText = (value: unknown, bytesMax: number): boolean =>
  typeof value === 'string' && value !== '' && isWellFormed(value) && encodeUtf8(value).length <= bytesMax;

const rules: { readonly [Name in keyof NodeOptions<AnyState>]-?: Rule } = {
  id: {
    remedy: 'give a string of 1 to 85 characters',
    fits: (value) => isText(value, nodeIdBytesMax) && (value as string).length <= 85,
  },
  state: methods('how to make the initial state, and one from a snapshot', 'create', 'thaw'),
  cluster: {
    remedy: `give a string of 1 to ${clusterBytesMax} bytes`,
    fits: (value) => isText(value, clusterBytesMax),
  },
  transport: methods('a transport', 'open', 'send', 'close'),
  communicator: methods('a communicator', 'open', 'send', 'onTrouble', 'close'),
  storage: methods('a storage', 'open', 'append', 'saveSnapshot', 'read', 'close'),
  voter: {
    remedy: 'give an object with any of contemplateCandidate, contemplateProposal, observeCommit',
    fits: isObject,
  },
  clock: clocks,
  random: {
    remedy: 'give a function like Math.random, of at least 32 random bits',
    fits: (value) => typeof value === 'function',
  },
  codec: methods('a codec', 'encode', 'decode'),
  starting: {
    remedy: "give { as: 'founder' }, { as: 'resume', snapshot }, { as: 'recover' } or { as: 'join' }",
    fits: (value) => ['founder', 'resume', 'recover', 'join'].includes((value as Starting | null)?.as as string),
  },
  address: {
    remedy: `give a string of 1 to ${addressBytesMax} bytes`,
    fits: (value) => isText(value, addressBytesMax),
  },
  flags: {
    remedy: 'give an object of decoration names, each true or false',
    fits: (value) => isObject(value) && Object.values(value as object).every((flag) => typeof flag === 'boolean'),
  },
  snapshotEveryBytes: {
    remedy: 'give a number of bytes above 0',
    fits: (value) => typeof value === 'number' && value > 0,
  },
  tuning: { remedy: `give an object with any of ${Object.keys(defaultTuning).join(', ')}`, fits: isObject },
};

function checkOption(name: string, value: unknown): void {
  // A misspelt `storage` would cost a node its memory.
  if (!Object.hasOwn(rules, name)) throw unknownOption('options', name, value, Object.keys(rules));
  const { fits, remedy } = rules[name as keyof typeof rules];
  const isRequired = name === 'id' || name === 'state';
  if ((value !== undefined || isRequired) && !fits(value)) throw new InvalidError(name, value, remedy);
}

function unknownOption(where: string, name: string, value: unknown, known: readonly string[]): InvalidError {
  return new InvalidError(`${where}.${name}`, value, `there is no such option; there are ${known.join(', ')}`);
}

/** Refuses what is no object, and options that there are not: a misspelt one would count for nothing. */
export function checkNames(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError(where, options, `give an object with any of ${known.join(', ')}`);
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name)) throw unknownOption(where, name, value, known);
}

function checkedTuning(tuning: Partial<Tuning> = {}): Tuning {
  for (const [name, value] of Object.entries(tuning)) {
    if (!Object.hasOwn(defaultTuning, name))
      throw new InvalidError(`tuning.${name}`, value, `there is ${Object.keys(defaultTuning).join(', ')}`);
    // What is no time is a count of bytes or rounds.
    const isTime = /Ms(Max)?$/.test(name);
    if (!(isTime ? Number.isFinite(value) : Number.isSafeInteger(value)) || value <= 0) {
      const remedy = isTime ? 'give a finite number of milliseconds above 0' : 'give an integer from 1 to 2^53 - 1';
      throw new InvalidError(`tuning.${name}`, value, remedy);
    }
  }
  return { ...defaultTuning, ...tuning };
}
