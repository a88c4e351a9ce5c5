// The suite must notice: each broken transport below fails the case that is named beside it.
import type { NodeInfo, Transport } from '@paxakos/core/contracts';
import test from 'ava';
import { transportCases } from '../src/transport/index.ts';
import { allCapabilities, brokenFixture, type Deliver, type Fault, mustFail } from './broken-fixture.ts';

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
    open(self: NodeInfo, deliver: Deliver, cluster: string) {
      own = deliver;
      id = self.id;
      return inner.open(self, deliver, cluster);
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
    open: (self, deliver, cluster) => inner.open(self, (frame) => void setTimeout(() => deliver(frame), 20), cluster),
  };
}

const timers: NodeJS.Timeout[] = [];
test.after.always(() => timers.forEach(clearInterval));

function leavesTimer(inner: Transport): Partial<Transport> {
  return {
    open(self, deliver, cluster) {
      timers.push(setInterval(() => {}, 1_000));
      return inner.open(self, deliver, cluster);
    },
  };
}

function waitsWhileAbsent(inner: Transport): Partial<Transport> {
  return {
    send(receivers, frame) {
      const end = performance.now() + (receivers.some(({ id }) => id === 'x') ? 0.08 : 0);
      while (performance.now() < end);
      inner.send(receivers, frame);
    },
  };
}

const throwsUnopened = (inner: Transport): Partial<Transport> => {
  let isOpen = false;
  return {
    async open(self, deliver, cluster) {
      await inner.open(self, deliver, cluster);
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
  ['closes but once', closesOnce, /may be called twice/, /closed before/, 'alone'],
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

for (const [name, fault, title, failure, runsAlone] of faults) {
  const bind = runsAlone === 'alone' ? test.serial : test;
  bind(`the suite notices a transport that ${name}`, (t) =>
    mustFail(
      t,
      transportCases(() => brokenFixture(fault), allCapabilities),
      title,
      failure,
    ),
  );
}

for (const restarted of ['a peer restarts', 'the sender restarts', 'all nodes restart']) {
  test(`the suite notices that frames do not flow after ${restarted}`, async (t) => {
    const opened = new Set<string>();
    const onlyOnce: Fault = (inner) => ({
      async open(self, deliver, cluster) {
        if (!opened.has(self.id)) await inner.open(self, deliver, cluster);
        opened.add(self.id);
      },
    });
    const cases = transportCases(() => brokenFixture(onlyOnce), allCapabilities);
    await mustFail(t, cases, new RegExp(restarted), /a frame gets from/);
  });
}
