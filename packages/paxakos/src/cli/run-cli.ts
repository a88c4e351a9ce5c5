import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty';
import { DemoError, UsageError } from '../demo/demo-error.ts';
import { demoCommand } from './demo-command.ts';
import { nodeCommand } from './node-command.ts';
import { simulateCommand } from './simulate-command.ts';
import { statusCommand } from './status-command.ts';

const commands: Readonly<Record<string, CommandDef<ArgsDef>>> = {
  demo: demoCommand,
  status: statusCommand,
  simulate: simulateCommand,
  node: nodeCommand,
};

const main: CommandDef = defineCommand({
  meta: {
    name: 'paxakos',
    version: versionOfPackage(),
    description: 'Multi-Paxos for Node.js: state that stays the same on several processes',
  },
  subCommands: commands,
});

/** Runs the command line. Sets the exit code: 2 where it was not understood, 1 where it failed. */
export async function runCli(rawArgs: readonly string[]): Promise<void> {
  const [name = '', ...rest] = rawArgs;
  const command = commands[name];
  const asksHelp = name === '' || rawArgs.includes('--help') || rawArgs.includes('-h') || name === 'help';
  if (name === '--version' || name === '-v') return console.log(versionOfPackage());
  if (asksHelp) {
    const usage = await (command === undefined ? renderUsage(main) : renderUsage(command, main));
    console.log(process.stdout.isTTY ? usage : stripVTControlCharacters(usage));
    process.exitCode = name === '' ? 2 : 0;
    return;
  }
  const problem = command === undefined ? `there is no command ${name}` : unknownOption(command, rest);
  if (command === undefined || problem !== undefined) return refuse(`${problem}: see paxakos --help`);
  try {
    await runCommand(command, { rawArgs: rest });
  } catch (error) {
    // What citty throws is of the wrong use, too, and is named CLIError.
    const isUsage = error instanceof UsageError || (error instanceof Error && error.name === 'CLIError');
    if (isUsage) refuse(error.message);
    else if (error instanceof DemoError) refuse(error.message, 1);
    else throw error;
  }
}

function refuse(message: string, code = 2): void {
  console.error(`paxakos: ${message}`);
  process.exitCode = code;
}

/** Citty takes any option, and drops what it does not know. */
function unknownOption(command: CommandDef<ArgsDef>, rest: readonly string[]): string | undefined {
  const known = Object.keys(command.args ?? {});
  const isKnown = (arg: string) => known.includes(arg.replace(/^--(no-)?/, '').replace(/=.*$/s, ''));
  const valued = Object.entries(command.args ?? {}).flatMap(([name, { type }]) =>
    type === 'boolean' ? [] : `--${name}`,
  );
  const options = rest.filter((_arg, index) => !valued.includes(rest[index - 1] ?? ''));
  const unknown = options.find((arg) => !arg.startsWith('--') || !isKnown(arg));
  return unknown === undefined ? undefined : `there is no option ${unknown}`;
}

function versionOfPackage(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
