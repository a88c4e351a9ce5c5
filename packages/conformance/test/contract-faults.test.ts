// The suite must notice what breaks the finer words of the contract: names, lists, limits, listeners.
import type { Transport } from '@paxakos/core/contracts';
import test from 'ava';
import { transportCases } from '../src/transport/index.ts';
import { allCapabilities, brokenFixture, type Fault, type Mangle, mustFail } from './broken-fixture.ts';

const faultless: Fault = () => ({});

const refusesNobody: Fault = (inner) => ({
  send(receivers, frame) {
    if (receivers.length === 0) throw new Error('no receivers');
    inner.send(receivers, frame);
  },
});

const empties: Fault = (inner) => ({
  send(receivers, frame) {
    inner.send([...receivers], frame);
    (receivers as unknown[]).length = 0;
  },
});

const looksLater: Fault = (inner) => ({
  send: (receivers, frame) => queueMicrotask(() => inner.send(receivers, frame)),
});

const opensAgain: Fault = (inner) => {
  let opening: Promise<void> | undefined;
  return {
    open(self, deliver, cluster) {
      opening ??= inner.open(self, deliver, cluster);
      return opening;
    },
  };
};

const opensClosed: Fault = (inner) => ({
  open: (self, deliver, cluster) =>
    inner.open(self, deliver, cluster).catch((error: unknown) => {
      if (self.id !== 'c') throw error;
    }),
});

const shrinks: Fault = (inner) => {
  let looks = 0;
  return {
    get frameBytesMax() {
      looks += 1;
      return inner.frameBytesMax - looks;
    },
  };
};

const noLimit: Fault = () => ({ frameBytesMax: Number.POSITIVE_INFINITY });

function tellsAtOnce(trouble: object): Fault {
  return (inner) => {
    let tell: ((trouble: never) => void) | undefined;
    return {
      send(receivers, frame) {
        inner.send(receivers, frame);
        if (frame.length > 3) tell?.(trouble as never);
      },
      onTrouble(listener) {
        tell = listener;
      },
    };
  };
}

const mixes: Fault = (inner) => ({ open: (self, deliver) => inner.open(self, deliver, 'all') });
const mixesCase: Fault = (inner) => ({
  open: (self, deliver, cluster) => inner.open(self, deliver, cluster.toLowerCase()),
});

/** Frames for several go by a way of their own, which all clusters share. */
function mixesSeveral(): (id: string, inner: Transport, other: Transport) => Transport {
  return (_, inner, other) => ({
    frameBytesMax: inner.frameBytesMax,
    async open(self, deliver, cluster) {
      await inner.open(self, deliver, cluster);
      await other.open(self, deliver, 'all');
    },
    send: (receivers, frame) => (receivers.length > 1 ? other : inner).send(receivers, frame),
    async close() {
      await inner.close();
      await other.close();
    },
  });
}

const byId = new Map<string, Transport[]>();
const closesNamesakes: Fault = (inner) => ({
  open(self, deliver, cluster) {
    byId.set(self.id, [...(byId.get(self.id) ?? []), inner]);
    return inner.open(self, deliver, cluster);
  },
  async close() {
    for (const all of byId.values()) if (all.includes(inner)) for (const each of all) await each.close();
  },
});

/** Carries no more than a frame a millisecond, and fewer on a machine that is slow. */
const isSlow: Fault = (inner) => {
  const waiting: (() => void)[] = [];
  const timer = setInterval(() => waiting.shift()?.(), 1);
  return {
    send(receivers, frame) {
      const copy = Uint8Array.from(frame);
      waiting.push(() => inner.send([...receivers], copy));
    },
    async close() {
      clearInterval(timer);
      await inner.close();
    },
  };
};

/** Name, fault, the case that must fail, and how. */
const faults: [name: string, fault: Fault, title: RegExp, failure: RegExp, mangle?: Mangle][] = [
  ['refuses an empty list of receivers', refusesNobody, /may be none/, /no receivers/],
  ['writes into the list of receivers', empties, /only read/, /read only/],
  ['looks at the list of receivers later', looksLater, /list of receivers that changes/, /frames go to those/],
  ['carries a tenth of what it should', isSlow, /10,000 frames a second/, /9,000 of 10,000/],
  ['opens again', opensAgain, /open rejects/, /when called again/],
  ['opens after close', opensClosed, /open rejects/, /after close/],
  ['changes its limit', shrinks, /frameBytesMax holds/, /stays/],
  ['has no limit', noLimit, /frameBytesMax holds/, /integer from 1/],
  ['lets a listener throw', tellsAtOnce({ type: 'dropped', count: 1 }), /listener of trouble/, /from the listener/],
  ['reports drops without a number', tellsAtOnce({ type: 'dropped' }), /arrive in order/, /well-formed; dropped has/],
  ['reports what there is not', tellsAtOnce({ type: 'lost' }), /arrive in order/, /well-formed; its type/],
  ['mixes clusters', mixes, /never mix$/, /only its own|gets from/],
  ['mistakes cases of clusters', mixesCase, /name of a cluster/, /frame arrives at each|only its own/],
  ['closes namesakes', closesNamesakes, /namesake/, /a frame gets from/],
  ['mistakes cases of ids', faultless, /node id may/, /only its own|arrives at each/, (id) => id.toLowerCase()],
  ['trims ids', faultless, /node id may/, /only its own|arrives at each/, (id) => id.trim()],
  ['cuts ids', faultless, /node id may/, /only its own|arrives at each/, (id) => id.slice(0, 254)],
  ['normalises ids', faultless, /node id may/, /only its own|arrives at each/, (id) => id.normalize('NFC')],
];

for (const [name, fault, title, failure, mangle] of faults) {
  test(`the suite notices a transport that ${name}`, (t) =>
    mustFail(
      t,
      transportCases(() => brokenFixture(fault, mangle), allCapabilities),
      title,
      failure,
    ));
}

test('the suite notices frames for several receivers that leave their cluster', (t) => {
  const create = () => {
    const [one, other] = [brokenFixture(faultless), brokenFixture(faultless)];
    const node = async (id: string) => {
      const nodes = [await one.node(id), await other.node(id)] as const;
      return { info: { id }, transport: mixesSeveral()(id, nodes[0].transport, nodes[1].transport) };
    };
    return { ...one, node };
  };
  return mustFail(t, transportCases(create, allCapabilities), /several receivers/, /stays in its cluster|arrives/);
});

test('the suite notices names of cluster and node that are only put together', (t) => {
  const create = () => {
    const fixture = brokenFixture(faultless);
    const node = async (id: string, cluster = 'main') => {
      const name = (each: string) => `${cluster}.${each}`;
      const { transport } = await fixture.node(name(id));
      const joined: Transport = {
        frameBytesMax: transport.frameBytesMax,
        open: (self, deliver) => transport.open({ id: name(self.id) }, deliver, 'all'),
        send: (receivers, frame) =>
          transport.send(
            receivers.map((to) => ({ id: name(to.id) })),
            frame,
          ),
        close: () => transport.close(),
      };
      return { info: { id }, transport: joined };
    };
    return { ...fixture, node };
  };
  return mustFail(t, transportCases(create, allCapabilities), /mistaken/, /only its own|arrives at each/);
});
