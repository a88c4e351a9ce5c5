// The suite must notice what a transport does wrong while its bus is down or does not answer; a faultless one passes.
import type { NodeInfo, Transport, TransportTrouble } from '@paxakos/core/contracts';
import test from 'ava';
import { patience } from '../src/transport/expect.ts';
import { type TransportCapability, transportCases } from '../src/transport/index.ts';
import { type Fault, mustFail } from './broken-fixture.ts';
import { type Broker, brokeredFixture } from './brokered-fixture.ts';

const capabilities: readonly TransportCapability[] = [
  'ordered',
  'multiCluster',
  'resources',
  'memory',
  'reportsBusLoss',
  'pausesBus',
  'remote',
];

type MakeFault = (broker: Broker) => Fault;

/** Changes what the listener of trouble is told. */
function tells(change: (trouble: TransportTrouble) => TransportTrouble | undefined): MakeFault {
  return () => (inner) => ({
    onTrouble(listener) {
      inner.onTrouble?.((trouble) => {
        const told = change(trouble);
        if (told !== undefined) listener(told);
      });
    },
  });
}

/** Does something with each frame before it is sent, or in its place. */
function sends(act: (broker: Broker, send: () => void, frame: Uint8Array, to: readonly NodeInfo[]) => void): MakeFault {
  return (broker) => (inner) => ({
    send: (receivers, frame) => act(broker, () => inner.send(receivers, frame), frame, receivers),
  });
}

const early: MakeFault = () => (inner) => ({
  onTrouble(listener) {
    inner.onTrouble?.((trouble) => {
      listener(trouble);
      if (trouble.type === 'disconnected') listener({ type: 'reconnected' });
    });
  },
});

const neverBack: MakeFault = () => (inner) => {
  let isGone = false;
  return {
    send(receivers, frame) {
      if (!isGone) inner.send(receivers, frame);
    },
    onTrouble(listener) {
      inner.onTrouble?.((trouble) => {
        isGone ||= trouble.type === 'disconnected';
        listener(trouble);
      });
    },
  };
};

const waits = sends((broker, send) => {
  const end = performance.now() + (broker.isUp ? 0 : 0.3);
  while (performance.now() < end);
  send();
});

/** Sends what was sent while the bus was down, when it is back. */
const sendsLate: MakeFault = (broker) => (inner) => {
  const kept: (() => void)[] = [];
  return {
    send(receivers, frame) {
      inner.send(receivers, frame);
      if (!broker.isUp && frame.length > 3) kept.push(() => inner.send(receivers, frame));
      else if (broker.isUp) for (const send of kept.splice(0)) send();
    },
  };
};

const keeps = (when: (broker: Broker) => boolean): MakeFault => {
  const kept: Uint8Array[] = [];
  return sends((broker, send, frame) => {
    if (when(broker)) kept.push(frame);
    send();
  });
};

const hoards: MakeFault = () => {
  const kept: Uint8Array[] = [];
  return (inner) => ({
    send(receivers, frame) {
      if (frame.length > 1_000_000) kept.push(frame);
      inner.send(receivers, frame);
    },
  });
};

const throwsDown = sends((broker, send) => {
  if (!broker.isUp) throw new Error('no connection');
  send();
});

const opensDown: MakeFault = () => (inner) => ({
  open: (self, deliver, cluster) => inner.open(self, deliver, cluster).catch(() => {}),
});

const closeHangs: MakeFault = (broker) => (inner: Transport) => ({
  close: () => (broker.isUp ? inner.close() : new Promise(() => {})),
});

let starved = false;
const starves = sends((_, send, frame) => {
  starved ||= frame.length > 1_000_000;
  if (!starved) send();
});

const givesUp: MakeFault = () => (inner) => {
  let sent = 0;
  return {
    send(receivers, frame) {
      if (frame.length > 1_000_000) sent += 1;
      inner.send(
        receivers.filter(({ id }) => id !== 'r' || sent < 100),
        frame,
      );
    },
  };
};
const giveUpAfter = (): MakeFault => () => (inner) => {
  let sent = 0;
  return {
    send(receivers, frame) {
      if (receivers.length === 2) sent += 1; // the former process of `r` is gone by then
      inner.send(
        receivers.filter(({ id }) => id !== 'r' || sent === 0),
        frame,
      );
    },
  };
};

/** Those that must pass may take as long as a busy machine needs. */
const wholePatienceMs = patience.ms;

const lost = /is lost and comes back/;
const down = /each frame is reported/;
const paused = /bus is paused/;

/** Name, fault, the case that must fail, and how; those that need time or memory for themselves run alone. */
const faults: [name: string, fault: MakeFault, title: RegExp, failure: RegExp, runsAlone?: 'alone'][] = [
  ['does not tell of a loss', tells((told) => (told.type === 'disconnected' ? undefined : told)), lost, /lost is rep/],
  [
    'blames a peer',
    tells((told) => (told.type === 'disconnected' ? { ...told, peer: 'b' } : told)),
    lost,
    /lost is rep/,
  ],
  ['does not tell of a return', tells((told) => (told.type === 'reconnected' ? undefined : told)), lost, /back is rep/],
  ['tells of a return early', early, lost, /not reported as back/],
  ['stays away', neverBack, lost, /a frame gets from/],
  ['stays away under load', neverBack, /under load/, /flow again/],
  ['throws while the bus is down', throwsDown, /under load/, /no connection/],
  ['drops silently', tells((told) => (told.type === 'dropped' ? undefined : told)), down, /reported as dropped/],
  ['counts drops twice', tells((told) => ({ ...told, ...(told.count ? { count: 2 } : {}) })), down, /reported twice/],
  ['waits for the bus', waits, down, /do not wait/, 'alone'],
  ['sends late', sendsLate, down, /does not arrive later/, 'alone'],
  ['keeps what it sends', keeps(({ isUp }) => !isUp), /down takes bounded/, /are not kept/, 'alone'],
  ['keeps what the bus does not take', keeps(({ isPaused }) => isPaused), paused, /are not kept/, 'alone'],
  [
    'hides that the bus does not take it',
    tells((told) => (told.type === 'dropped' ? undefined : told)),
    paused,
    /does not take/,
  ],
  ['opens without a bus', opensDown, /open rejects while/, /rejects with a TransportError/],
  ['cannot close without a bus', closeHangs, /close does not wait/, /close, over a bus that is down, ends/],
  ['keeps what a peer does not read', hoards, /stops reading/, /are not kept/, 'alone'],
  ['serves nobody for a peer that does not read', starves, /stops reading/, /others are served/],
  ['gives a peer up that does not read', givesUp, /stops reading/, /comes back/, 'alone'],
  ['gives a peer up that was killed', giveUpAfter(), /killed and started/, /comes back/],
];

for (const [name, fault, title, failure, runsAlone] of faults) {
  const bind = runsAlone === 'alone' ? test.serial : test;
  bind(`the suite notices a transport that ${name}`, (t) =>
    mustFail(
      t,
      transportCases(() => brokeredFixture(fault), capabilities),
      title,
      failure,
    ),
  );
}

for (const each of transportCases(() => brokeredFixture(), capabilities)) {
  const isOfBus = each.requires.some((capability) => ['reportsBusLoss', 'pausesBus', 'remote'].includes(capability));
  if (!isOfBus) continue;
  test.serial(`a faultless transport passes: ${each.title}`, (t) => {
    patience.ms = wholePatienceMs;
    return t.notThrowsAsync(each.run());
  });
}
