import { InvalidError, type OfState } from '@paxakos/core/contracts';

/** How to hold master leases. Give every node the same ones. */
export interface MasterLeasesOptions<S = unknown> {
  /**
   * For how long a member that accepts a leader's proposal helps nobody else to lead, in milliseconds. Default: 1,000. So long, at
   * most, it takes until a leader that has died can be replaced.
   */
  readonly leaseMs?: OfState<S>;
  /**
   * The longest that `leaseMs` is, or was in a former life of this node, in milliseconds: a node that restarts keeps out of
   * elections for so long. Default: `leaseMs`; needed where that is a function.
   */
  readonly leaseMsMax?: number;
  /** By which part the rate of a node's clock may be off: from 0.0001 to 0.1. Default: 0.01. */
  readonly driftMax?: number;
  /**
   * Whether a member's promise counts only once its clock is known to keep time with this node's. It takes two promises some 60
   * times as far apart as their messages took. Default: yes; without, clocks beyond `driftMax` make for stale reads.
   */
  readonly measuresDrift?: boolean;
  /**
   * A clock that goes on while the machine is suspended, in milliseconds, such as `Date.now`. A lease ends for its holder when
   * either clock says so, and for those who gave it when both do, so it does no harm that it can be set. Default: `wallNow` of the
   * node's clock, which is `Date.now` unless the node is given another clock.
   */
  readonly wallClock?: () => number;
  /** What becomes of a read without a lease: it is refused, or made linearizable by a no-op. Default: `'refuse'`. */
  readonly fallback?: 'refuse' | 'linearizable';
}

/** The options with every default filled in. */
export interface CheckedMasterLeases {
  readonly leaseMs: OfState<unknown>;
  readonly leaseMsMax: number;
  readonly driftMax: number;
  readonly measuresDrift: boolean;
  readonly wallClock: (() => number) | undefined;
  readonly fallback: 'refuse' | 'linearizable';
}

const known = ['leaseMs', 'leaseMsMax', 'driftMax', 'measuresDrift', 'wallClock', 'fallback'];
/** The longest time that timers measure, in milliseconds. */
const timeMsMax = 2 ** 31 - 1;

/** Throws `InvalidError` where an option is not what it must be. */
export function checkedMasterLeases<S>(options: MasterLeasesOptions<S>): CheckedMasterLeases {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('masterLeases', options, `give an object with any of ${known.join(', ')}`);
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name))
      throw new InvalidError(`masterLeases.${name}`, value, `there is no such option, but ${known.join(', ')}`);
  const { leaseMs = 1_000, leaseMsMax = leaseMs, driftMax = 0.01, measuresDrift = true } = options;
  const { wallClock, fallback = 'refuse' } = options;
  if (typeof leaseMs !== 'function' && !isLease(leaseMs))
    throw new InvalidError('masterLeases.leaseMs', leaseMs, `${leaseRemedy}, or a function of the state that does`);
  if (typeof leaseMsMax === 'function')
    throw new InvalidError('masterLeases.leaseMsMax', options.leaseMsMax, 'give the longest that leaseMs gives');
  if (!isLease(leaseMsMax) || (typeof leaseMs === 'number' && leaseMsMax < leaseMs))
    throw new InvalidError('masterLeases.leaseMsMax', leaseMsMax, `${leaseRemedy}, and no less than leaseMs`);
  if (!(typeof driftMax === 'number' && driftMax >= 0.0001 && driftMax <= 0.1))
    throw new InvalidError('masterLeases.driftMax', driftMax, 'give a number from 0.0001 to 0.1');
  if (typeof measuresDrift !== 'boolean')
    throw new InvalidError('masterLeases.measuresDrift', measuresDrift, 'give true or false');
  if (wallClock !== undefined && typeof wallClock !== 'function')
    throw new InvalidError('masterLeases.wallClock', wallClock, 'give a function, such as Date.now, or leave it out');
  if (fallback !== 'refuse' && fallback !== 'linearizable')
    throw new InvalidError('masterLeases.fallback', fallback, "give 'refuse' or 'linearizable'");
  return { leaseMs: leaseMs as OfState<unknown>, leaseMsMax, driftMax, measuresDrift, wallClock, fallback };
}

const leaseRemedy = 'give milliseconds from 10 to 2^31 - 1';

/** Gives the length of a lease as it is, or throws `InvalidError`. */
export function checkedLease(value: unknown, leaseMsMax: number): number {
  if (isLease(value) && value <= leaseMsMax) return value;
  throw new InvalidError('masterLeases.leaseMs', value, `give milliseconds from 10 to ${leaseMsMax}`);
}

/** Whether a lease can be so long. */
function isLease(value: unknown): value is number {
  return typeof value === 'number' && value >= 10 && value <= timeMsMax;
}
