import type { Autofill, AutofillOptions } from '@paxakos/autofill';
import type { CatchUp, CatchUpOptions } from '@paxakos/catch-up';
import type { AnyState } from '@paxakos/core';
import type { Delegation, DelegationOptions } from '@paxakos/delegation';
import type { EnsureLeadership, EnsureLeadershipOptions } from '@paxakos/ensure-leadership';
import type { Heartbeats, HeartbeatsOptions } from '@paxakos/heartbeats';
import type { LeaserApi, LeaserOptions } from '@paxakos/leaser';
import type { MasterLeases, MasterLeasesOptions } from '@paxakos/master-leases';
import type { ReleaserApi, ReleaserOptions } from '@paxakos/releaser';
import type { TrackLeadership, TrackLeadershipOptions } from '@paxakos/track-leadership';
import type { Verify, VerifyOptions } from '@paxakos/verify';

/**
 * Which decorations a node has, and their options: `true` for those that have defaults for everything, `false` for none. The
 * package of one that is off is not loaded.
 */
export interface Features<S extends AnyState = AnyState> {
  /** Who leads which rounds. Default: on. */
  readonly trackLeadership?: boolean | TrackLeadershipOptions;
  /** A minimum pace of the log; a node that is cut off notices. Default: on. */
  readonly heartbeats?: boolean | HeartbeatsOptions<S>;
  /** Gaps in the log are closed. Default: on. */
  readonly autofill?: boolean | AutofillOptions<S>;
  /** After the death of a leader another node leads. Default: on. */
  readonly ensureLeadership?: boolean | EnsureLeadershipOptions<S>;
  /** Nodes that were left behind get a snapshot. Default: on. */
  readonly catchUp?: boolean | CatchUpOptions<S>;
  /** States are compared, and one that is wrong is given up. Default: on. */
  readonly verify?: boolean | VerifyOptions<S>;
  /** Reads at the leader without a message. Default: off, since it makes the death of a leader last as long as a lease. */
  readonly masterLeases?: boolean | MasterLeasesOptions<S>;
  /** What is appended at any node goes to the leader; needs `trackLeadership`. Default: on, where that is. */
  readonly delegation?: boolean | DelegationOptions<S>;
  /** Leases with fencing tokens; it has to be told where the state has its table. Default: off. */
  readonly leaser?: false | LeaserOptions<S>;
  /** Leases past their time are cleared. Default: on where `leaser` is, with its table. */
  readonly releaser?: false | ReleaserOptions<S>;
}

/** What is said of a feature; `undefined` where nothing is. */
type Said<F, Name> = Name extends keyof F ? F[Name] : undefined;

/** The API of a feature that is on unless it is switched off; it may be missing where the compiler cannot tell. */
type OnByDefault<F, Name extends string, Api> = [Said<F, Name>] extends [false]
  ? unknown
  : false extends Said<F, Name>
    ? { readonly [N in Name]?: Api }
    : { readonly [N in Name]: Api };

/** The API of a feature that is off unless it is switched on; it may be missing where the compiler cannot tell. */
type OffByDefault<F, Name extends string, Api> = [Said<F, Name>] extends [false | undefined]
  ? unknown
  : [Said<F, Name>] extends [true | object]
    ? { readonly [N in Name]: Api }
    : { readonly [N in Name]?: Api };

/** Delegation is off where what it needs is. */
type WithTracking<F, Api> = [Said<F, 'trackLeadership'>] extends [false]
  ? unknown
  : false extends Said<F, 'trackLeadership'>
    ? Partial<Api>
    : Api;

/** What the features of a node add to it. */
export type FeatureApis<F> = OnByDefault<F, 'trackLeadership', TrackLeadership> &
  OnByDefault<F, 'heartbeats', Heartbeats> &
  OnByDefault<F, 'autofill', Autofill> &
  OnByDefault<F, 'ensureLeadership', EnsureLeadership> &
  OnByDefault<F, 'catchUp', CatchUp> &
  OnByDefault<F, 'verify', Verify> &
  OffByDefault<F, 'masterLeases', MasterLeases> &
  WithTracking<F, OnByDefault<F, 'delegation', Delegation>> &
  OffByDefault<F, 'leaser', LeaserApi> &
  OffByDefault<F, 'releaser', ReleaserApi>;
