// Feature flags, read from environment variables.
import test from 'ava';
import { flagsFromEnvironment } from '../../src/node/flags-from-environment.ts';

test('the list names decorations as they are, single variables in upper case', (t) => {
  t.deepEqual(flagsFromEnvironment({}), {});
  t.deepEqual(
    flagsFromEnvironment({ PAXAKOS_FLAGS: '', PAXAKOS_FLAG_VERIFY: '', PATH: 'x', PAXAKOS_FLAG_X: undefined }),
    {},
  );
  t.deepEqual(flagsFromEnvironment({ PAXAKOS_FLAGS: 'delegation=on, verify = off ,masterLeases=1,' }), {
    delegation: true,
    verify: false,
    masterLeases: true,
  });
  t.deepEqual(flagsFromEnvironment({ PAXAKOS_FLAG_TRACK_LEADERSHIP: 'off', PAXAKOS_FLAG_VERIFY: 'TRUE' }), {
    trackLeadership: false,
    verify: true,
  });
});

test('a single variable comes before the list', (t) => {
  t.deepEqual(flagsFromEnvironment({ PAXAKOS_FLAGS: 'verify=on', PAXAKOS_FLAG_VERIFY: '0' }), { verify: false });
});

test('a value that means nothing is refused, by variable, value and remedy', (t) => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ PAXAKOS_FLAG_VERIFY: 'maybe' }, /^PAXAKOS_FLAG_VERIFY is "maybe": say on or off$/],
    [{ PAXAKOS_FLAGS: 'verify=maybe' }, /^PAXAKOS_FLAGS is "maybe": say on or off$/],
    [{ PAXAKOS_FLAGS: 'verify' }, /^PAXAKOS_FLAGS is "verify": write it as "delegation=on,verify=off"$/],
    [{ PAXAKOS_FLAGS: '=on' }, /^PAXAKOS_FLAGS is "=on"/],
    [{ PAXAKOS_FLAGS: 'a=on=off' }, /^PAXAKOS_FLAGS is "a=on=off"/],
    [{ PAXAKOS_FLAG_: 'on' }, /PAXAKOS_FLAG_TRACK_LEADERSHIP/],
  ];
  for (const [environment, message] of cases) {
    t.throws(() => flagsFromEnvironment(environment), { code: 'PAXAKOS_INVALID', message });
  }
});

test('H67: a flag named like a part of every object is a flag, and changes no prototype', (t) => {
  const flags = flagsFromEnvironment({ PAXAKOS_FLAGS: '__proto__=on' });
  t.is(Object.getPrototypeOf(flags), Object.prototype);
  t.deepEqual(Object.keys(flags), ['__proto__']);
});
