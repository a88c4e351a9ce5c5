// Goal: clusters whose nodes have all ten decorations stand every fault, and come to their end by themselves. Method: a fixed
// campaign, which must have met what each decoration is for; and the command that runs a longer one.
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { decoratedBranches } from '../../src/simulate/decorated/decorated-branches.ts';
import { decoratedSimulation } from '../../src/simulate/decorated/decorated-simulation.ts';
import { simulateRun } from '../simulate-run.ts';

/** What so few seeds must meet: all that decorations do. */
const required = decoratedBranches.slice(decoratedBranches.indexOf('read: lease'));

test.serial('under every fault all ten decorations together keep what each promises', async (t) => {
  t.timeout(600_000);
  const { failures, unmet } = await campaign({
    ...(await decoratedSimulation()),
    from: 20,
    seeds: 10,
    requires: required,
  });
  t.deepEqual(
    failures.map(({ replay, violation }) => ({ replay: `${replay} --decorated`, violation })),
    [],
  );
  t.deepEqual(unmet, []);
});

test.serial('the command runs them, too, the same run each time, and says how to repeat it', async (t) => {
  const args = ['--decorated', '--nodes', '3', '--horizon-ms', '500'];
  const first = await simulateRun(t, ...args, '--seed', '3');
  t.is(first.code, 0, first.out);
  t.deepEqual((await simulateRun(t, ...args, '--seed', '3')).out, first.out);
  const many = await simulateRun(t, ...args, '--seeds', '1', '--from', '3', '--jobs', '1');
  t.is(many.code, 0, many.out);
  t.regex(many.err, /simulating the testbed with all ten decorations/);
  t.regex(many.out, new RegExp(`of ${decoratedBranches.length} branches`));
});
