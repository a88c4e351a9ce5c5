import { type ArgsDef, type BooleanArgDef, type CommandDef, defineCommand, type StringArgDef } from 'citty';
import { BusSetting, busVariable } from '../demo/bus-setting.ts';
import { UsageError } from '../demo/demo-error.ts';
import { type DemoOptions, runDemo } from '../demo/run-demo.ts';

/** The data directory that is used where none is named, below the current one. */
export const dataDefault = 'data/paxakos-demo';

const operationsDefault = 100_000;

/** The option that every command has which starts a node. */
export const busArgument: StringArgDef = {
  type: 'string',
  valueHint: 'ADDRESS',
  description: `The bus, such as nats://host:4222 or redis://host:6379; or ${busVariable} (ZeroMQ in the data directory)`,
};

/** Of every command that starts a node, too. */
export const fastArgument: BooleanArgDef & { readonly default: false } = {
  type: 'boolean',
  description: 'Notice a dead leader sooner, with more messages',
  default: false,
};

const args = {
  once: { type: 'boolean', description: 'End when the proof is there; 0 only if it holds', default: false },
  input: {
    type: 'string',
    valueHint: 'FILE',
    description: 'Append the operations of a file, one a line; - reads standard input',
  },
  operations: {
    type: 'string',
    valueHint: 'N',
    description: `How many operations to make up where there is no input (${operationsDefault})`,
  },
  kills: {
    type: 'string',
    valueHint: 'N',
    description: 'How often to kill the leading process; the load lasts for it (1)',
  },
  data: { type: 'string', valueHint: 'DIR', description: `Where the nodes keep their data (${dataDefault})` },
  bus: busArgument,
  fast: fastArgument,
  fresh: { type: 'boolean', description: 'Forget what is in the data directory', default: false },
} as const satisfies ArgsDef;

const command = defineCommand({
  meta: {
    name: 'demo',
    description: 'Runs three nodes, appends to them, kills the leading one, and proves that nothing is lost',
  },
  args,
  async run({ args: given }) {
    // Not left to itself: standard input, and a load that was interrupted, would keep the process.
    process.exit(await runDemo(optionsOf(given)));
  },
});

/** `paxakos demo`. */
export const demoCommand: CommandDef<ArgsDef> = command as unknown as CommandDef<ArgsDef>;

function optionsOf(given: {
  readonly once: boolean;
  readonly fresh: boolean;
  readonly fast: boolean;
  readonly input?: string | undefined;
  readonly operations?: string | undefined;
  readonly kills?: string | undefined;
  readonly data?: string | undefined;
  readonly bus?: string | undefined;
}): DemoOptions {
  const operations = Number(given.operations ?? operationsDefault);
  if (!Number.isSafeInteger(operations) || operations < 1) {
    throw new UsageError(`--operations is ${given.operations}: give a whole number, from 1`);
  }
  const kills = Number(given.kills ?? 1);
  if (!Number.isSafeInteger(kills) || kills < 1) {
    throw new UsageError(`--kills is ${given.kills}: give a whole number, from 1`);
  }
  if (kills > 1 && (given.input !== undefined || given.operations !== undefined))
    throw new UsageError('--kills makes up as many operations as it takes: leave out --input and --operations');
  for (const name of ['input', 'data'] as const) if (given[name] === '') throw new UsageError(`--${name} has no value`);
  return {
    data: given.data ?? dataDefault,
    bus: new BusSetting(given.bus),
    once: given.once,
    fresh: given.fresh,
    isFast: given.fast,
    input: given.input,
    operations,
    kills,
  };
}
