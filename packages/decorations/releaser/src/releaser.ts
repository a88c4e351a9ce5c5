import {
  type AnyLogEntry,
  type Decoration,
  type DecorationHost,
  defineDecoration,
  InvalidError,
} from '@paxakos/core/contracts';
import type { ClearEntry } from '@paxakos/leaser';
import {
  type CheckedReleaserOptions,
  type Claims,
  checkedReleaser,
  checkedSetting,
  type ReleaserOptions,
  type SettingName,
  settingDefaults,
} from './releaser-options.ts';
import { type Overdue, Watch } from './watch.ts';

/** What a node with a releaser offers. */
export interface ReleaserApi {
  /** How many claims this node has cleared since it started: those of its entries that took effect. */
  readonly cleared: number;
}

/**
 * Clears leases that were not extended in time. Have one at every node: the leader clears, and the others only what it leaves.
 * A claim is never cleared before its duration has passed by this node's own clock since this node applied its last extension, and
 * an extension that gets into the log first wins.
 */
export function releaser<S>(
  options: ReleaserOptions<S>,
  // biome-ignore lint/complexity/noBannedTypes: no needs at all
): Decoration<'releaser', ReleaserApi, {}, ClearEntry> {
  const checked = checkedReleaser(options);
  return defineDecoration<ClearEntry>()({
    name: 'releaser',
    inert: { cleared: 0 },
    install: (host): ReleaserApi => new Releaser(host, checked),
  });
}

/** How many claims one node clears at once; the others have their turn after that. */
const clearingMax = 256;

class Releaser implements ReleaserApi {
  readonly #host: DecorationHost<AnyLogEntry>;
  readonly #options: CheckedReleaserOptions;
  readonly #watch = new Watch();
  readonly #life: string;
  readonly #settings: Readonly<Record<SettingName, () => number>>;
  #plannedMs: number = settingDefaults.checkMs;
  #ids = 0;
  /** Whether the table has been reported, and not been right since. */
  #isTableWrong = false;
  #clearing = 0;
  cleared = 0;

  constructor(host: DecorationHost<AnyLogEntry>, options: CheckedReleaserOptions) {
    this.#host = host;
    this.#options = options;
    const setting = (name: SettingName): (() => number) =>
      host.setting(name, options.settings[name], settingDefaults[name], (value) => checkedSetting(name, value));
    this.#settings = {
      checkMs: setting('checkMs'),
      marginMs: setting('marginMs'),
      staggerMs: setting('staggerMs'),
    };
    // No other life of this node draws the same.
    this.#life = [host.random(), host.random()].map((part) => Math.floor(part * 2 ** 32).toString(36)).join('');
    host.onEvent('install', () => this.#watch.reset());
    host.onEvent('eject', () => this.#watch.reset());
    host.poll(() => {
      const isInTime = this.#watch.step(host.clock.now(), this.#plannedMs);
      this.#read((state) => this.#look(state, isInTime));
      return this.#plannedMs;
    });
  }

  /** Calls `fn` at once where there is a state, and reports what it throws. */
  #read(fn: (state: unknown) => void): void {
    const guarded = (state: unknown): void => {
      try {
        fn(state);
        this.#isTableWrong = false;
      } catch (error) {
        // Once for each time that it begins to be wrong.
        if (!this.#isTableWrong) this.#host.reportError('table', error);
        this.#isTableWrong = true;
      }
    };
    this.#host.node.read(guarded, { consistency: 'stale' }).catch(() => {});
  }

  #look(state: unknown, isInTime: boolean): void {
    const { node } = this.#host;
    this.#plannedMs = this.#settings.checkMs();
    const marginMs = this.#settings.marginMs();
    const staggerMs = this.#settings.staggerMs();
    const table: Claims | undefined = this.#options.table(state);
    if (typeof table?.claims !== 'function')
      throw new InvalidError('releaser.table()', table, 'it must give the LeaseTable of the state');
    const isLeading = node.status === 'leading';
    const behindMs = marginMs + (isLeading ? 0 : staggerMs * this.#turn());
    const limitMs = (durationMs: number): number => durationMs * (1 + this.#options.driftMax) + behindMs;
    const overdue = this.#watch.look(table.claims(), limitMs);
    // What it has yet to apply may be the extension.
    if (!isInTime || node.status === 'lagging') return;
    for (const claim of overdue.slice(0, clearingMax - this.#clearing)) {
      this.#watch.holdOff(claim.extension, staggerMs);
      void this.#clear(claim, isLeading);
    }
  }

  /** The place of this node among those that do not lead, from 1. */
  #turn(): number {
    const { cluster, id } = this.#host.node;
    const place = cluster.findIndex((member) => member.id === id);
    return 1 + (place < 0 ? cluster.length : place);
  }

  async #clear({ name, extension }: Overdue, isLeading: boolean): Promise<void> {
    this.#ids += 1;
    const id = `${this.#host.node.id}/${this.#life}/clear/${this.#ids}`;
    const entry: ClearEntry = { id, type: 'lease/clear', name, extension };
    this.#clearing += 1;
    try {
      const commit = await this.#host.node.append(entry as AnyLogEntry, {
        leadership: isLeading ? 'require' : 'acquire',
        retry: () => undefined,
      });
      if ((await commit.applied()) === true) this.cleared += 1;
    } catch {
      // Whether it was cleared will be seen, and else it is tried again.
    } finally {
      this.#clearing -= 1;
    }
  }
}
