import { overTransport } from '../communicator/index.ts';
import type { Communicator, IncarnationId, NodeInfo, Snapshot, StoredLog } from '../contracts/index.ts';
import { InvalidError, SnapshotError, StorageError } from '../contracts/index.ts';
import type { DurableRecord, Origin, SnapshotImage } from '../protocol/index.ts';
import { type AnyState, checkedConcurrency, checkedMembers } from './any-state.ts';
import { NodeCore } from './node-core.ts';
import type { CheckedOptions, Starting } from './node-options.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { decodeSnapshot } from './snapshot-codec.ts';

/** How many records are replayed at a time. */
const replayBatch = 256;

/** Brings a node to life: from its log, which decides where there is one, or as `starting` says. `prepare` runs before it takes part. */
export async function startNode(
  options: CheckedOptions<AnyState>,
  prepare: (core: NodeCore) => Promise<void>,
): Promise<NodeCore> {
  const communicator = communicatorOf(options);
  // One that cannot be opened may be open for somebody else, and is not to be closed.
  const log = await options.storage.open();
  let core: NodeCore | undefined;
  try {
    core = await revive(options, communicator, log);
    await core.open(core.replica.kernel.self);
    await prepare(core);
    core.start();
    return core;
  } catch (error) {
    if (core !== undefined) await core.abandon();
    else await options.storage.close().catch(() => {});
    throw error;
  }
}

function communicatorOf(options: CheckedOptions<AnyState>): Communicator {
  const { transport, communicator, cluster } = options;
  if (communicator !== undefined) return communicator;
  if (transport === undefined) throw new InvalidError('transport', transport, 'give a transport or a communicator');
  return overTransport(transport, { cluster });
}

async function revive(
  options: CheckedOptions<AnyState>,
  communicator: Communicator,
  log: StoredLog,
): Promise<NodeCore> {
  const { starting, storage } = options;
  const records = log.records[Symbol.asyncIterator]();
  const first = await records.next();
  const found = log.snapshot !== undefined || first.done !== true;
  const head = first.done === true ? [] : [decodeRecord(first.value)];
  if (found) {
    const core = make(options, communicator, identityOf(options, log, head[0]), originOf(starting.as));
    if (log.snapshot !== undefined) core.snapshots.restore(log.snapshot);
    await replay(core, head, records);
    return core;
  }
  const given = givenSnapshot(starting);
  const image = given === undefined ? undefined : decodeSnapshot(given.bytes);
  if (image !== undefined) checkGiven(options, image);
  const incarnation =
    starting.as === 'resume' && image !== undefined ? image.incarnation : newIncarnationId(options.random);
  const core = make(options, communicator, incarnation, originOf(starting.as));
  if (starting.as === 'founder' && !core.applier.members.some(({ id }) => id === options.id)) {
    const remedy =
      "a founder is a member that the initial state's cluster() names; another node starts as { as: 'join' }";
    throw new InvalidError('id', options.id, remedy);
  }
  // What is resumed says whose it is itself; an incarnation must never be there without what it promised.
  const identity = { type: 'identity', cluster: options.cluster, node: options.id, incarnation } as const;
  if (starting.as !== 'resume') await storage.append([encodeRecord(identity)]);
  if (given !== undefined) {
    core.snapshots.restore(given);
    await core.snapshots.store();
  }
  return core;
}

function make(
  options: CheckedOptions<AnyState>,
  communicator: Communicator,
  incarnation: IncarnationId,
  origin: Origin,
): NodeCore {
  const state = options.state.create();
  const members = checkedMembers(state.cluster());
  const initial = { members, concurrency: checkedConcurrency(state) };
  const named = members.find((member) => member.id === options.id);
  const address = options.address ?? named?.address;
  const self: NodeInfo = address === undefined ? { id: options.id } : { id: options.id, address };
  const core = new NodeCore(options, communicator, { self, incarnation, origin, initial });
  core.applier.install(state, 0);
  return core;
}

async function replay(core: NodeCore, head: DurableRecord[], records: AsyncIterator<Uint8Array>): Promise<void> {
  let batch = head;
  for (;;) {
    const next = await records.next();
    if (next.done !== true) batch.push(decodeRecord(next.value));
    if (batch.length < replayBatch && next.done !== true) continue;
    core.replayed(core.replica.replay(batch));
    batch = [];
    if (next.done === true) return;
  }
}

/** A copy, so that it stays as it is while the node holds on to it. */
function givenSnapshot(starting: Starting): Snapshot | undefined {
  if (starting.as === 'founder' || starting.as === 'join') return undefined;
  const { snapshot } = starting;
  if (snapshot === undefined && starting.as === 'recover') return undefined;
  if (!(snapshot?.bytes instanceof Uint8Array))
    throw new InvalidError('starting.snapshot', snapshot, 'give what stop() gave, or, to recover, takeSnapshot()');
  return { round: snapshot.round, bytes: new Uint8Array(snapshot.bytes) };
}

function checkGiven({ cluster, id, starting }: CheckedOptions<AnyState>, image: SnapshotImage): void {
  if (image.cluster !== cluster)
    throw new SnapshotError(`the snapshot is of the cluster "${image.cluster}", and this node of "${cluster}"`);
  if (starting.as === 'resume' && image.node !== id) {
    const remedy = "resume with this node's own, or start as { as: 'recover', snapshot }";
    throw new SnapshotError(`the snapshot is of node "${image.node}", and this is "${id}": ${remedy}`);
  }
  if (starting.as === 'resume' && !image.final) {
    const remedy = "resume with what stop() gave, or start as { as: 'recover', snapshot }";
    throw new SnapshotError(`the node may have promised something since this snapshot was taken: ${remedy}`);
  }
}

/** Whose log it is. A later identity record, of `forceActive`, is taken up when it is replayed. */
function identityOf(
  options: CheckedOptions<AnyState>,
  log: StoredLog,
  first: DurableRecord | undefined,
): IncarnationId {
  if (log.snapshot !== undefined) {
    const { cluster, node, incarnation } = decodeSnapshot(log.snapshot.bytes);
    checkOwner(options, cluster, node);
    return incarnation;
  }
  if (first?.type !== 'identity') {
    throw new StorageError(
      'PAXAKOS_STORAGE_CORRUPT',
      'the log does not begin with whose it is: remove it, and the node recovers from its peers',
    );
  }
  checkOwner(options, first.cluster, first.node);
  return first.incarnation;
}

/** With a log that holds no founding yet, a founder goes on founding; everybody else asks for a place. */
function originOf(starting: CheckedOptions<AnyState>['starting']['as']): Origin {
  return starting === 'founder' ? 'founder' : 'newcomer';
}

function checkOwner(options: CheckedOptions<AnyState>, cluster: string, node: string): void {
  if (cluster === options.cluster && node === options.id) return;
  throw new StorageError(
    'PAXAKOS_STORAGE_FOREIGN',
    `this is of node "${node}" of cluster "${cluster}", and not of node "${options.id}" of cluster "${options.cluster}": give each node a directory of its own`,
  );
}

function newIncarnationId(random: () => number): IncarnationId {
  let incarnation = '';
  for (let word = 0; word < 4; word += 1)
    incarnation += Math.floor(random() * 0x100000000)
      .toString(16)
      .padStart(8, '0');
  return incarnation;
}
