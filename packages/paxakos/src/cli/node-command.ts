import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { BusSetting } from '../demo/bus-setting.ts';
import { DataDirectory, nodeIds } from '../demo/data-directory.ts';
import { runNode } from '../node/run-node.ts';
import { busArgument, fastArgument } from './demo-command.ts';

const args = {
  id: { type: 'enum', options: [...nodeIds], description: 'Which node', required: true },
  data: { type: 'string', valueHint: 'DIR', description: 'Where the nodes keep their data', required: true },
  bus: busArgument,
  fast: fastArgument,
} as const satisfies ArgsDef;

const command = defineCommand({
  meta: { name: 'node', description: 'Runs one node of a demonstration', hidden: true },
  args,
  async run({ args: { id, data, bus, fast } }) {
    const options = { directory: new DataDirectory(data), bus: new BusSetting(bus), isFast: fast };
    process.exit(await runNode(id, options));
  },
});

/** `paxakos node`: what the demonstration runs in each of its processes. */
export const nodeCommand: CommandDef<ArgsDef> = command as unknown as CommandDef<ArgsDef>;
