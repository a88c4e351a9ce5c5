// Options are checked when the decoration is made, and named with what is wrong and what to give.
import test from 'ava';
import { type MasterLeasesOptions, masterLeases } from '../src/index.ts';

const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
  [7, /^masterLeases is 7: give an object with any of leaseMs/],
  [null, /^masterLeases is null/],
  [{ leaseMs: 0 }, /^masterLeases\.leaseMs is 0: give milliseconds from 10/],
  [{ leaseMs: '1000' }, /^masterLeases\.leaseMs is "1000"/],
  [{ leaseMs: Number.NaN }, /^masterLeases\.leaseMs is NaN/],
  [{ leaseMs: 2 ** 31 }, /^masterLeases\.leaseMs is 2147483648/],
  [{ leaseMs: () => 1_000 }, /^masterLeases\.leaseMsMax is undefined: give the longest that leaseMs gives/],
  [{ leaseMs: 1_000, leaseMsMax: 999 }, /^masterLeases\.leaseMsMax is 999: .*no less than leaseMs/],
  [{ leaseMsMax: -1 }, /^masterLeases\.leaseMsMax is -1/],
  [{ driftMax: 0 }, /^masterLeases\.driftMax is 0: give a number from 0\.0001 to 0\.1/],
  [{ driftMax: 0.2 }, /^masterLeases\.driftMax is 0\.2/],
  [{ measuresDrift: 'no' }, /^masterLeases\.measuresDrift is "no": give true or false/],
  [{ wallClock: 5 }, /^masterLeases\.wallClock is 5: give a function/],
  [{ fallback: 'stale' }, /^masterLeases\.fallback is "stale": give 'refuse' or 'linearizable'/],
  [{ leaseMS: 1_000 }, /^masterLeases\.leaseMS is 1000: there is no such option, but leaseMs/],
];

for (const [options, message] of wrong) {
  test(`refused: ${JSON.stringify(options)} ${message.source.slice(0, 40)}`, (t) => {
    t.throws(() => masterLeases(options as MasterLeasesOptions), { code: 'PAXAKOS_INVALID', message });
  });
}

test('all of them may be left out', (t) => {
  const { name, stability, needs } = masterLeases();
  t.deepEqual({ name, stability, needs }, { name: 'masterLeases', stability: 'stable', needs: {} });
  t.notThrows(() =>
    masterLeases({ leaseMs: () => 500, leaseMsMax: 500, wallClock: Date.now, fallback: 'linearizable' }),
  );
});
