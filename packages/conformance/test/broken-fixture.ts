import type { NodeInfo, Transport } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import type { ExecutionContext } from 'ava';
import { patience } from '../src/transport/expect.ts';
import type { TransportCapability, TransportFixture } from '../src/transport/index.ts';
import { memoryBytes } from './memory-fixture.ts';

/** What a broken transport does otherwise. */
export type Fault = (inner: Transport) => Partial<Transport>;

/** What receives. */
export type Deliver = (frame: Uint8Array) => void;

/** Another name for a node, as a careless transport makes it. */
export type Mangle = (id: string) => string;

/** All that a fixture without servers can have. */
export const allCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'reportsDrops',
  'reportsConnections',
  'resources',
  'memory',
];

/** A transport with some of its methods replaced. */
export function broken(inner: Transport, fault: Fault): Transport {
  const whole: Transport = {
    get frameBytesMax() {
      return inner.frameBytesMax;
    },
    open: (self, deliver, cluster) => inner.open(self, deliver, cluster),
    send: (receivers, frame) => inner.send(receivers, frame),
    onTrouble: (listener) => inner.onTrouble?.(listener),
    close: () => inner.close(),
  };
  return Object.defineProperties(whole, Object.getOwnPropertyDescriptors(fault(inner)));
}

/** A network in memory whose transports have a fault, and mistake some ids for others. */
export function brokenFixture(fault: Fault, mangle: Mangle = (id) => id): TransportFixture {
  const network = memoryNetwork({ frameBytesMax: 1 << 17 });
  const mangled = (info: NodeInfo): NodeInfo => ({ ...info, id: mangle(info.id) });
  return {
    node(id) {
      const inner = network.transport(mangle(id));
      const renamed = broken(inner, () => ({
        open: (self, deliver, cluster) => inner.open(mangled(self), deliver, cluster),
        send: (receivers, frame) => inner.send(receivers.map(mangled), frame),
      }));
      return { info: { id }, transport: broken(renamed, fault) };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    async [Symbol.asyncDispose]() {},
  };
}

/** Whatever a broken transport waits for in vain goes by in the turns of this process alone. In ms. */
export const vainMs = 1_000;

/** Fails unless the one case with this title fails, and as it should. */
export async function mustFail(
  t: ExecutionContext,
  cases: readonly { readonly title: string; run(): Promise<void> }[],
  title: RegExp,
  failure: RegExp,
): Promise<void> {
  const found = cases.filter((each) => title.test(each.title));
  t.deepEqual(found.length, 1, found.map((each) => each.title).join());
  patience.ms = vainMs;
  await t.throwsAsync(async () => found[0]?.run(), { message: failure });
}
