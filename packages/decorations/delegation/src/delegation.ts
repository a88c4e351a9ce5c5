import {
  type Decoration,
  defineDecoration,
  type Later,
  later,
  type Need,
  type NodeId,
  required,
} from '@paxakos/core/contracts';
import type { TrackLeadership } from '@paxakos/track-leadership';
import { decodeMessage } from './decode-message.ts';
import { Delegatee } from './delegatee.ts';
import { checkedDelegation, checkedTime, type DelegationOptions, defaultTimes } from './delegation-options.ts';
import { Delegator } from './delegator.ts';
import { Route } from './route.ts';

/** What `node.delegation` is. */
export interface Delegation {
  /** The node that an append would go to as the leader; `undefined` for this one, or where nobody is known to lead. */
  readonly leader: NodeId | undefined;
  /** How many appends of this node are with others. */
  readonly inFlight: number;
  /** The bytes of their entries. */
  readonly inFlightBytes: number;
  /** How many appends of others this node is working on. */
  readonly working: number;
  /** How many appends of others this node remembers, so that no copy of one is appended again. */
  readonly remembered: number;
}

/** It needs to know who leads; what takes leases, and clears them, is to go through it. */
export type DelegationNeeds = {
  readonly trackLeadership: Need<TrackLeadership, false>;
  readonly leaser: Later;
  readonly releaser: Later;
};

/**
 * Has what is appended at any node appended at the leader, or where a function says, and hands back what came of it. An entry is
 * never placed twice: another attempt is made only where it is proven that the one before has placed nothing. Gives
 * `node.delegation`. Throws `InvalidError` where an option is not what it must be.
 */
export function delegation<S = unknown>(
  options: DelegationOptions<S> = {},
): Decoration<'delegation', Delegation, DelegationNeeds> {
  const { delegatee, queuedBytesMax, ...wanted } = checkedDelegation(options);
  return defineDecoration()({
    name: 'delegation',
    needs: { trackLeadership: required<TrackLeadership>(), leaser: later(), releaser: later() },
    inert: { leader: undefined, inFlight: 0, inFlightBytes: 0, working: 0, remembered: 0 },
    install(host): Delegation {
      const ms = (name: keyof typeof defaultTimes): (() => number) =>
        host.setting<number>(name, wanted[name], defaultTimes[name], (value) => checkedTime(name, value));
      const channel = host.channel('requests');
      const route = new Route(host as never, host.uses.trackLeadership, delegatee);
      const [answerMs, cancelMs, resendMs] = [ms('answerMs'), ms('cancelMs'), ms('resendMs')];
      const times = { answerMs: () => Math.max(answerMs(), resendMs() * 3), cancelMs, resendMs };
      const delegator = new Delegator({ host: host as never, channel, route, queuedBytesMax, times });
      const server = new Delegatee(host as never, channel, answerMs, () => route.leader);
      channel.onMessage((sender, bytes) => {
        const message = decodeMessage(bytes);
        if (message?.type === 'hello') server.hello(sender, message.nonce);
        else if (message?.type === 'requests') server.requests(sender, message);
        else if (message !== undefined) delegator.receive(sender, message);
      });
      host.aroundAppend((next) => (entry, appendOptions) => delegator.append(next, entry, appendOptions));
      return {
        get leader() {
          return route.isHere ? undefined : route.leader;
        },
        get inFlight() {
          return delegator.inFlight;
        },
        get inFlightBytes() {
          return delegator.inFlightBytes;
        },
        get working() {
          return server.working;
        },
        get remembered() {
          return server.remembered;
        },
      };
    },
  });
}
