// The suite for communicators must notice: each broken one below fails the case that is named beside it.
import {
  type Communicator,
  type Message,
  type OverTransportOptions,
  overTransport,
  type Transport,
} from '@paxakos/core';
import test from 'ava';
import { communicatorCases } from '../src/communicator/index.ts';
import { allCapabilities, broken, brokenFixture, mustFail } from './broken-fixture.ts';

type Make = (transport: Transport, options: OverTransportOptions) => Communicator;
type DeliverMessage = Parameters<Communicator['open']>[1];

/** A communicator that does otherwise with what comes. */
function delivers(change: (deliver: DeliverMessage) => DeliverMessage): Make {
  return (transport, options) => {
    const inner = overTransport(transport, options);
    return changed(inner, { open: (self, deliver) => inner.open(self, change(deliver)) });
  };
}

/** A communicator with some of its methods replaced. */
function changed(inner: Communicator, methods: Partial<Communicator>): Communicator {
  return {
    open: (self, deliver) => inner.open(self, deliver),
    send: (receivers, message) => inner.send(receivers, message),
    onTrouble: (listener) => inner.onTrouble(listener),
    close: () => inner.close(),
    ...methods,
  };
}

/** A communicator whose transport does otherwise with the frames that come. */
function takes(change: (deliver: (frame: Uint8Array) => void) => (frame: Uint8Array) => void): Make {
  return (transport, options) =>
    overTransport(
      broken(transport, (inner) => ({ open: (self, deliver, cluster) => inner.open(self, change(deliver), cluster) })),
      options,
    );
}

const isLong = (frame: Uint8Array) => frame.length > 1_000;

const forgets = delivers((deliver) => (sender, message) => {
  deliver(sender, message.type === 'founded' ? { ...message, incarnation: undefined } : message);
});
const cuts = delivers((deliver) => (sender, message) => {
  const isHuge = message.type === 'propose' && (message.entries[0]?.bytes.length ?? 0) > 5_000_000;
  if (!isHuge) deliver(sender, message);
});
const misnames = delivers(
  (deliver) =>
    ({ id }, message) =>
      deliver({ id: id.toUpperCase() }, message),
);
const repeats = delivers((deliver) => (sender, message) => {
  deliver(sender, message);
  deliver(sender, message);
});
const alters = delivers((deliver) => (sender, message) => {
  if (message.type === 'propose') message.entries[0]?.bytes.fill(1, 400);
  deliver(sender, message);
});
const delays = delivers((deliver) => (sender, message) => {
  const isLate = message.type === 'channel' && message.bytes.length > 10_000;
  if (isLate) setTimeout(() => deliver(sender, message), 1);
  else deliver(sender, message);
});
const stumbles = delivers((deliver) => {
  let hasThrown = false;
  return (sender, message) => {
    if (hasThrown) return;
    try {
      deliver(sender, message);
    } catch {
      hasThrown = true;
    }
  };
});

/** Delivers the last message once more, a moment after close. */
const late: Make = (transport, options) => {
  const inner = overTransport(transport, options);
  let repeat = (): void => {};
  return changed(inner, {
    open: (self, deliver) =>
      inner.open(self, (sender, message) => {
        repeat = () => deliver(sender, message);
        deliver(sender, message);
      }),
    async close() {
      await inner.close();
      setTimeout(repeat, 20);
    },
  });
};

const toItself: Make = (transport, options) => {
  const inner = overTransport(transport, options);
  let own: (message: Message) => void = () => {};
  let id = '';
  return changed(inner, {
    open(self, deliver) {
      id = self.id;
      own = (message) => deliver(self, message);
      return inner.open(self, deliver);
    },
    send(receivers, message) {
      inner.send(receivers, message);
      if (receivers.some((each) => each.id === id)) own(message);
    },
  });
};

const oneByOne: Make = (transport, options) => overTransport(transport, { ...options, defer: (flush) => flush() });

const encodesLater: Make = (transport, options) => {
  const inner = overTransport(transport, options);
  return changed(inner, {
    send: (receivers, message) => void setTimeout(() => inner.send(receivers, message)),
  });
};

const chokes = takes((deliver) => {
  let frames = 0;
  return (frame) => {
    frames += isLong(frame) ? 1 : 0;
    if (frames < 10) deliver(frame);
  };
});

const hoards = takes((deliver) => {
  const kept: Uint8Array[] = [];
  return (frame) => {
    if (isLong(frame)) kept.push(Uint8Array.from(frame));
    deliver(frame);
  };
});

const madeUp: Message = { type: 'channel', channel: 'made up', bytes: new Uint8Array(1) };
const believes: Make = (transport, options) => {
  let believe = (): void => {};
  const inner = overTransport(
    broken(transport, (bus) => ({
      open: (self, deliver, cluster) =>
        bus.open(
          self,
          (frame) => {
            if (frame[0] !== 0x50) believe();
            deliver(frame);
          },
          cluster,
        ),
    })),
    options,
  );
  return changed(inner, {
    open(self, deliver) {
      believe = () => deliver({ id: 'a' }, madeUp);
      return inner.open(self, deliver);
    },
  });
};

const silent: Make = (transport, options) => changed(overTransport(transport, options), { onTrouble: () => {} });

const waits: Make = (transport, options) => {
  const inner = overTransport(transport, options);
  return changed(inner, {
    send(receivers, message) {
      const end = performance.now() + (receivers.some(({ id }) => id === 'x') ? 0.3 : 0);
      while (performance.now() < end);
      inner.send(receivers, message);
    },
  });
};

const mixes: Make = (transport, options) => overTransport(transport, { ...options, cluster: 'all' });

/** As if peers took a node that comes back for the former one. */
function opensOnce(): Make {
  const opened = new Set<string>();
  return (transport, options) => {
    const inner = overTransport(transport, options);
    return changed(inner, {
      async open(self, deliver) {
        if (!opened.has(self.id)) await inner.open(self, deliver);
        opened.add(self.id);
      },
    });
  };
}

const opensAgain: Make = (transport, options) => {
  const inner = overTransport(transport, options);
  let opening: Promise<void> | undefined;
  return changed(inner, {
    open(self, deliver) {
      opening ??= inner.open(self, deliver);
      return opening;
    },
  });
};

/** Name, fault, the case that must fail, and how; those that need time or memory for themselves run alone. */
const faults: [name: string, make: Make, title: RegExp, failure: RegExp, runsAlone?: 'alone'][] = [
  ['forgets a part of a message', forgets, /every type/, /arrives as it was sent/],
  ['loses what is huge', cuts, /16 MiB/, /arrives as it was sent/],
  ['misnames a sender', misnames, /names its sender/, /named as it opened/],
  ['sends to its sender', toItself, /nobody else/, /even if named/],
  ['sends messages one by one', oneByOne, /leave together/, /in 100 frames/],
  ['lets short messages overtake long ones', delays, /in order/, /in the order sent/],
  ['encodes later', encodesLater, /change after the send/, /change nothing/],
  ['chokes on a lost chunk', chokes, /lost alone/, /arrives as it was sent/],
  ['alters what comes in chunks', alters, /is whole/, /arrives is whole/],
  ['delivers twice', repeats, /any order/, /arrives once/],
  ['alters what comes in any order', alters, /any order/, /is whole/],
  ['does not know a sender that restarted', opensOnce(), /former life began/, /gets from a to b/],
  ['keeps incomplete messages', hoards, /incomplete messages/, /are not kept/, 'alone'],
  ['believes anything', believes, /made up is refused/, /is refused/],
  ['does not tell what it refused', silent, /made up is refused/, /is reported/],
  ['stops when a receiver throws', stumbles, /throws harms nobody/, /after one whose delivery threw/],
  ['waits for a peer that is not there', waits, /makes nobody wait/, /do not wait/, 'alone'],
  ['mixes clusters', mixes, /never mix/, /stays in its cluster|arrive in both/],
  ['loses who restarts', opensOnce(), /restarts under its id/, /a message gets from/],
  ['delivers after close', late, /delivered after close/, /delivered after close/],
  ['opens again', opensAgain, /open rejects/, /when called again/],
];

for (const [name, make, title, failure, runsAlone] of faults) {
  const bind = runsAlone === 'alone' ? test.serial : test;
  bind(`the suite notices a communicator that ${name}`, (t) => {
    const cases = communicatorCases(() => brokenFixture(() => ({})), allCapabilities, { communicator: make });
    return mustFail(t, cases, title, failure);
  });
}
