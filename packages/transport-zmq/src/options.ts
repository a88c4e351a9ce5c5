import { InvalidError, type NodeId, type NodeInfo } from '@paxakos/core/contracts';
import { isCurveKey } from './curve-key-pair.ts';

/** Keys of a cluster whose nodes know one another: only holders of a key in `peers` get in. All keys are in Z85. */
export interface CurveOptions {
  /** This node's public key, which its peers list under its id. */
  readonly publicKey: string;
  /** This node's secret key. */
  readonly secretKey: string;
  /** The public key of every node, by id. Read anew at each handshake, so that a member's key can be added before it joins. */
  readonly peers: Readonly<Record<NodeId, string>>;
}

/** How a ZeroMQ transport listens, and what it may use. */
export interface ZmqTransportOptions {
  /** Where to listen, such as `tcp://0.0.0.0:7000`, `tcp://127.0.0.1:*` or `ipc:///run/app/a.sock`. Default: `addressOf` this node. */
  readonly bind?: string;
  /** Where a node listens. Default: its `address`. Called on each send, so it should be quick. */
  readonly addressOf?: (node: NodeInfo) => string | undefined;
  /** Encrypts everything and lets in only known keys. Default: none; then anyone who reaches the endpoint can send. */
  readonly curve?: CurveOptions;
  /** The largest frame, in bytes; the same on every node. Default: 16 MiB. */
  readonly frameBytesMax?: number;
  /** How many bytes may wait for one peer before the oldest frames are dropped. At least `frameBytesMax`. Default: 32 MiB. */
  readonly peerQueueBytesMax?: number;
  /** How many frames may wait for one peer before the oldest are dropped. Default: 65,536. */
  readonly peerQueueFramesMax?: number;
  /** How many peers to keep connections to; beyond it the one used longest ago goes. Default: 256. */
  readonly peersMax?: number;
  /** A peer to which nothing was sent for this long (up to twice as long) is disconnected. In ms. Default: 600,000. */
  readonly peerIdleMs?: number;
  /** How soon a broken connection is tried again, in ms; doubles up to `reconnectMsMax`. Default: 10. */
  readonly reconnectMs?: number;
  /** The longest wait between two tries to connect, in ms. Default: 500. */
  readonly reconnectMsMax?: number;
  /** How often a silent connection is probed, in ms. Default: 1,000. */
  readonly heartbeatMs?: number;
  /** How long a probe, a handshake or an attempt to connect may go unanswered, in ms. Default: 3,000. */
  readonly heartbeatMsMax?: number;
}

/** Checked options with their defaults. */
export interface Settings extends Required<Omit<ZmqTransportOptions, 'bind' | 'curve'>> {
  readonly bind: string | undefined;
  readonly curve: CurveOptions | undefined;
}

const mebibyte = 1024 * 1024;
const int32Max = 2 ** 31 - 1;

function count(options: ZmqTransportOptions, name: keyof ZmqTransportOptions, fallback: number): number {
  const value = options[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > int32Max) {
    throw new InvalidError(name, value, `give an integer from 1 to ${int32Max}`);
  }
  return value;
}

function checkCurve(curve: CurveOptions): void {
  const remedy = 'give a key of 40 characters in Z85, as curveKeyPair() makes them';
  if (!isCurveKey(curve.publicKey)) throw new InvalidError('curve.publicKey', curve.publicKey, remedy);
  // Not the value: a secret must not get into a log.
  if (!isCurveKey(curve.secretKey)) throw new InvalidError('curve.secretKey', undefined, remedy);
  if (typeof curve.peers !== 'object' || curve.peers === null) {
    throw new InvalidError('curve.peers', curve.peers, 'give the public key of every node, by id');
  }
  for (const [id, key] of Object.entries(curve.peers)) {
    if (!isCurveKey(key)) throw new InvalidError(`curve.peers[${JSON.stringify(id)}]`, key, remedy);
  }
}

/** Checks options and fills in the defaults. Throws an `InvalidError` that names the option. */
export function settle(options: ZmqTransportOptions): Settings {
  const { bind, curve } = options;
  if (bind !== undefined && (typeof bind !== 'string' || !/^(tcp|ipc):\/\/./.test(bind))) {
    throw new InvalidError('bind', bind, 'give an endpoint such as tcp://0.0.0.0:7000 or ipc:///run/app/a.sock');
  }
  if (curve !== undefined) checkCurve(curve);
  const frameBytesMax = count(options, 'frameBytesMax', 16 * mebibyte);
  const peerQueueBytesMax = count(options, 'peerQueueBytesMax', Math.max(32 * mebibyte, frameBytesMax));
  if (peerQueueBytesMax < frameBytesMax) {
    throw new InvalidError('peerQueueBytesMax', peerQueueBytesMax, `give at least frameBytesMax, ${frameBytesMax}`);
  }
  return {
    bind,
    curve,
    addressOf: options.addressOf ?? ((node) => node.address),
    frameBytesMax,
    peerQueueBytesMax,
    peerQueueFramesMax: count(options, 'peerQueueFramesMax', 65_536),
    peersMax: count(options, 'peersMax', 256),
    peerIdleMs: count(options, 'peerIdleMs', 600_000),
    reconnectMs: count(options, 'reconnectMs', 10),
    reconnectMsMax: count(options, 'reconnectMsMax', 500),
    heartbeatMs: count(options, 'heartbeatMs', 1_000),
    heartbeatMsMax: count(options, 'heartbeatMsMax', 3_000),
  };
}
