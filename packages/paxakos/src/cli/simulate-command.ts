import { type ArgsDef, type CommandDef, defineCommand } from 'citty';

const args = {
  seeds: { type: 'string', valueHint: 'N', description: 'How many seeds (1,000)' },
  from: { type: 'string', valueHint: 'K', description: 'The first seed (0)' },
  time: { type: 'string', valueHint: '10m', description: 'For how long, such as 90s, 10m or 1.5h, instead of --seeds' },
  endless: { type: 'boolean', description: 'Until Ctrl-C', default: false },
  jobs: { type: 'string', valueHint: 'N', description: 'How many threads (one for each core)' },
  seed: { type: 'string', valueHint: 'K', description: 'Runs this one seed, and says what happened' },
  keep: { type: 'string', valueHint: '0,3', description: 'With --seed: only these of its faults, or none' },
  trace: { type: 'string', valueHint: 'FILE', description: 'With --seed: writes its whole transcript; - for stdout' },
  shrink: { type: 'boolean', description: 'Finds fewer faults with which a failure still fails', default: false },
  state: {
    type: 'string',
    valueHint: 'MODULE',
    description: 'A state of yours: a module that exports simulation, the options that simulate takes',
  },
  decorated: { type: 'boolean', description: 'The testbed, with all ten decorations at each node', default: false },
  profile: { type: 'string', valueHint: 'NAME', description: 'none, calm, rough or storm (rough)' },
  nodes: { type: 'string', valueHint: 'N', description: 'How many founders, from 1 to 7 (as the seed says)' },
  'horizon-ms': {
    type: 'string',
    valueHint: 'MS',
    description: 'How long the faults last, in milliseconds of the world (8,000)',
  },
} as const satisfies ArgsDef;

const command = defineCommand({
  meta: {
    name: 'simulate',
    description: 'Runs whole clusters under a virtual clock with every fault there is, and checks all that they do',
  },
  args,
  async run({ args: given }) {
    // No other command needs the simulator.
    const { runSimulate } = await import('../simulate/run-simulate.ts');
    process.exitCode = await runSimulate(given);
  },
});

/** `paxakos simulate`. */
export const simulateCommand: CommandDef<ArgsDef> = command as unknown as CommandDef<ArgsDef>;
