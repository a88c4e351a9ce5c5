// Goal: what an application builds on its nodes runs in the simulation, too, and is judged there. Method: decorations and drivers
// that do something which only they can be the cause of.
import { type AnyLogEntry, defineDecoration, InvalidError } from '@paxakos/core/contracts';
import test from 'ava';
import { campaign, simulate } from '../src/index.ts';

/** Appends entries of its own, and counts them. */
const appending = () =>
  defineDecoration()({
    name: 'appending',
    inert: { count: () => 0 },
    install({ clock, node, poll }) {
      let count = 0;
      poll(async () => {
        const id = `own ${node.id} ${clock.now()}`;
        await node
          .append({ id, type: 'has', element: 0 } as AnyLogEntry, { leadership: 'require', retry: () => undefined })
          .then(
            () => {
              count += 1;
            },
            () => {},
          );
        return 100;
      });
      return { count: () => count };
    },
  });

test('decorations run at each node, may append entries of their own, and are driven by the application', async (t) => {
  let most = 0;
  let lives = 0;
  const { failures, unmet } = await campaign({
    seeds: 6,
    requires: ['fault: crash', 'read: linearizable'],
    decorate: (builder) => builder.with(appending()),
    drive(node, { clock, signal }) {
      lives += 1;
      const look = (): void => {
        if (signal.aborted) return;
        most = Math.max(most, node.appending.count());
        clock.after(50, look);
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ violation }) => violation),
    [],
  );
  t.deepEqual(unmet, []);
  t.true(most > 5, `${most} entries of its own`);
  t.true(lives > 6 * 3, `${lives} lives`);
});

test('what an application complains of, or throws, fails the run; the same seed fails in the same way', async (t) => {
  const run = () =>
    simulate({
      seed: 3,
      drive(node, { clock, complain, id, isHealed, worldMs }) {
        clock.after(1_000, () => complain(`${id} ${node.round} ${isHealed()} ${worldMs() > 0}`));
      },
    });
  const { violation, fingerprint } = await run();
  t.is(violation?.checker, 'application');
  t.regex(violation?.problem ?? '', /^\w: \w \d+ false true$/);
  t.is((await run()).fingerprint, fingerprint);
  const thrown = await simulate({
    seed: 3,
    drive() {
      throw new Error('not like this');
    },
  });
  t.regex(thrown.violation?.problem ?? '', /not like this/);
});

test('H20 a read that is older than it must be is found, whoever serves it', async (t) => {
  const stale = await campaign({ seeds: 20, requires: ['read: stale'], consistencies: ['stale'], failuresMax: 1 });
  t.is(stale.failures[0]?.violation?.checker, 'linearizability');
});

test('checkers that are not asked say nothing, and there are no others than there are', async (t) => {
  const options = { seeds: 20, requires: [], consistencies: ['stale'], unchecked: ['linearizability'] } as const;
  t.deepEqual((await campaign(options)).failures, []);
  await t.throwsAsync(simulate({ seed: 1, unchecked: ['lineariseability'] }), {
    instanceOf: InvalidError,
    message: /^unchecked is "lineariseability": give names of checkers: invariants, /,
  });
  await t.throwsAsync(simulate({ seed: 1, consistencies: [] }), {
    message: /^consistencies is "": give one or more of/,
  });
});

test('an application counts what it met, and a run goes on until nothing is lacking', async (t) => {
  let asked = 0;
  const options = { seed: 1, profile: 'none', nodes: 1, horizonMs: 200 } as const;
  const { coverage, passed } = await simulate({
    ...options,
    drive: (_, { count }) => count('a cat', 2),
    lacking: () => {
      asked += 1;
      return asked < 4 ? 'the cat' : undefined;
    },
  });
  t.true(passed);
  t.is(asked, 4);
  t.is(coverage.get('a cat'), 2);
  const { violation } = await simulate({ ...options, lacking: () => 'the cat' });
  t.is(violation?.checker, 'liveness');
  t.regex(violation?.problem ?? '', /^120000 ms .*: the cat$/);
});

test('where nodes are to lead by themselves, nobody appends for them once the faults are over', async (t) => {
  const options = { seed: 1, profile: 'none', nodes: 3, horizonMs: 0 } as const;
  t.true((await simulate(options)).passed);
  const { violation } = await simulate({ ...options, leadsAlone: true });
  t.regex(violation?.problem ?? '', /^60000 ms .*: nobody leads$/);
});

test('the tuning of an application is that of its nodes', async (t) => {
  const { coverage } = await simulate({
    seed: 1,
    profile: 'none',
    nodes: 3,
    tuning: { openBytesMax: 1, queuedBytesMax: 1 },
  });
  t.true((coverage.get('append: PAXAKOS_OVERLOADED') ?? 0) > 0, JSON.stringify([...coverage]));
});
