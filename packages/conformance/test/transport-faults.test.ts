// The suite must notice: each broken transport below fails the case that is named beside it.
import type { NodeInfo, Transport } from '@paxakos/core/contracts';
import { type MemoryNetwork, memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { type TransportCapability, type TransportFixture, transportCases } from '../src/transport/index.ts';

type Deliver = (frame: Uint8Array) => void;

/** What a broken transport does otherwise. */
type Fault = (inner: Transport) => Partial<Transport>;

const altered = (inner: Transport, alter: (frame: Uint8Array) => Uint8Array | undefined): Partial<Transport> => ({
  send(receivers, frame) {
    const sent = alter(frame);
    if (sent !== undefined) inner.send(receivers, sent);
  },
});

function toEverybody(inner: Transport): Partial<Transport> {
  const everybody = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  return { send: (_, frame) => inner.send(everybody, frame) };
}

function toItself(inner: Transport): Partial<Transport> {
  let own: Deliver = () => {};
  let id = '';
  return {
    open(self: NodeInfo, deliver: Deliver) {
      own = deliver;
      id = self.id;
      return inner.open(self, deliver, 'main');
    },
    send(receivers, frame) {
      inner.send(receivers, frame);
      if (receivers.some((receiver) => receiver.id === id)) own(frame);
    },
  };
}

function lossy(inner: Transport): Partial<Transport> {
  let sent = 0;
  return altered(inner, (frame) => {
    sent += 1;
    return sent % 4 === 0 ? undefined : frame;
  });
}

function reordering(inner: Transport): Partial<Transport> {
  let held: [readonly NodeInfo[], Uint8Array] | undefined;
  return {
    send(receivers, frame) {
      inner.send(receivers, frame);
      if (held !== undefined) inner.send(...held);
      held =
        held === undefined && frame.length > 3
          ? [receivers, Uint8Array.from(frame.map((byte, at) => (at === 3 ? byte + 1 : byte)))]
          : undefined;
    },
  };
}

function deliversLate(inner: Transport): Partial<Transport> {
  return {
    open: (self, deliver) => inner.open(self, (frame) => void setTimeout(() => deliver(frame), 20), 'main'),
  };
}

function leavesTimer(inner: Transport): Partial<Transport> {
  return {
    open(self, deliver) {
      const timer = setInterval(() => {}, 1_000);
      setTimeout(() => clearInterval(timer), 5_000).unref();
      return inner.open(self, deliver, 'main');
    },
  };
}

function waitsWhileAbsent(inner: Transport): Partial<Transport> {
  return {
    send(receivers, frame) {
      const end = performance.now() + (receivers.some(({ id }) => id === 'x') ? 0.5 : 0);
      while (performance.now() < end);
      inner.send(receivers, frame);
    },
  };
}

const throwsUnopened = (inner: Transport): Partial<Transport> => {
  let isOpen = false;
  return {
    async open(self, deliver) {
      await inner.open(self, deliver, 'main');
      isOpen = true;
    },
    send(receivers, frame) {
      if (!isOpen) throw new Error('not open');
      inner.send(receivers, frame);
    },
  };
};

const closesOnce = (inner: Transport): Partial<Transport> => {
  let isClosed = false;
  return {
    async close() {
      if (isClosed) throw new Error('closed before');
      isClosed = true;
      await inner.close();
    },
  };
};

const hoards = (inner: Transport): Partial<Transport> => {
  const kept: Uint8Array[] = [];
  return altered(inner, (frame) => {
    if (frame.length > 1_000) kept.push(frame);
    return frame;
  });
};

const flip = (frame: Uint8Array) => frame.map((byte, at) => (at === 200 ? byte ^ 1 : byte));
const writesBack = (frame: Uint8Array) => {
  if (frame.length > 100) frame[5] = (frame[5] ?? 0) ^ 1;
  return frame;
};

/** Name, fault, the case that must fail, and how; those that do not just wait in vain run alone. */
const faults: [name: string, fault: Fault, title: RegExp, failure: RegExp, runsAlone?: 'alone'][] = [
  ['alters a byte', (inner) => altered(inner, flip), /whole and unaltered/, /not at b, c/],
  ['sends to everybody', toEverybody, /at nobody else/, /no receiver gets nothing/, 'alone'],
  ['sends to its sender', toItself, /never sent to its sender/, /even if named/, 'alone'],
  ['cuts frames short', (inner) => altered(inner, (frame) => frame.subarray(0, 60_000)), /every size/, /65535 bytes/],
  [
    'sends the whole buffer',
    (inner) => altered(inner, (frame) => new Uint8Array(frame.buffer)),
    /larger buffer/,
    /10 bytes/,
  ],
  ['writes into frames', (inner) => altered(inner, writesBack), /left as it was/, /does not change the frame/, 'alone'],
  ['shares one frame', () => ({}), /writes over its frame/, /all frames arrive|only its own frame/],
  ['loses a quarter', lossy, /5,000 frames/, /at least 90 % arrive/, 'alone'],
  ['loses a quarter for ever', lossy, /10,000 frames/, /9,000 of 10,000/],
  ['overtakes', reordering, /in order/, /in the order sent/, 'alone'],
  ['waits for a peer that is not there', waitsWhileAbsent, /makes nobody wait/, /do not wait/, 'alone'],
  ['keeps what it sends', hoards, /bounded memory/, /are not kept/, 'alone'],
  ['drops silently', () => ({ onTrouble: () => {} }), /dropped frames are reported/, /are reported/],
  ['throws before it is open', throwsUnopened, /before open/, /not open/, 'alone'],
  ['closes but once', closesOnce, /may be called twice/, /closed before|suppressed/, 'alone'],
  [
    'delivers after close',
    deliversLate,
    /nothing is delivered after close/,
    /nothing is delivered after close; /,
    'alone',
  ],
  ['leaves a timer', leavesTimer, /nothing is left open/, /Timeout/, 'alone'],
  ['does not tell who went', () => ({}), /goes and comes back/, /went is reported/],
];

const capabilities: TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'reportsDrops',
  'reportsConnections',
  'resources',
  'memory',
];

function brokenFixture(fault: Fault): TransportFixture {
  const network: MemoryNetwork = memoryNetwork({ frameBytesMax: 1 << 17 });
  return {
    node(id) {
      const inner = network.transport(id);
      const transport: Transport = {
        frameBytesMax: inner.frameBytesMax,
        open: (self, deliver) => inner.open(self, deliver, 'main'),
        send: (receivers, frame) => inner.send(receivers, frame),
        onTrouble: (listener) => inner.onTrouble?.(listener),
        close: () => inner.close(),
        ...fault(inner),
      };
      return { info: { id }, transport };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes: () => process.memoryUsage.rss(),
    async [Symbol.asyncDispose]() {},
  };
}

for (const [name, fault, title, failure, runsAlone] of faults) {
  const bind = runsAlone === 'alone' ? test.serial : test;
  bind(`the suite notices a transport that ${name}`, async (t) => {
    const found = transportCases(() => brokenFixture(fault), capabilities).filter((each) => title.test(each.title));
    t.is(found.length, 1);
    await t.throwsAsync(async () => found[0]?.run(), { message: failure });
  });
}

test('the suite notices clusters that mix', async (t) => {
  // The fixture has one network for all clusters.
  const [mixing] = transportCases(() => brokenFixture(() => ({})), capabilities).filter(({ title }) =>
    /two clusters/.test(title),
  );
  await t.throwsAsync(async () => mixing?.run(), { name: 'ConformanceFailure' });
});

for (const restarted of ['a peer restarts', 'the sender restarts', 'all nodes restart']) {
  test(`the suite notices that frames do not flow after ${restarted}`, async (t) => {
    const opened = new Set<string>();
    const onlyOnce: Fault = (inner) => ({
      async open(self, deliver) {
        if (!opened.has(self.id)) await inner.open(self, deliver, 'main');
        opened.add(self.id);
      },
    });
    const found = transportCases(() => brokenFixture(onlyOnce), capabilities).find(({ title }) =>
      title.includes(restarted),
    );
    await t.throwsAsync(async () => found?.run(), { name: 'ConformanceFailure' });
  });
}
