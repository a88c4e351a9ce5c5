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
  if (command === undefined) return refuse(`there is no command ${name}: see paxakos --help`);
  const problem = problemIn(command, rest);
  if (problem !== undefined) return refuse(problem);
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

/** Citty takes any option and argument, drops what it does not know, and of an option that is there twice all but the last one. */
function problemIn(command: CommandDef<ArgsDef>, rest: readonly string[]): string | undefined {
  const known = Object.entries(command.args ?? {});
  const valued = known.flatMap(([name, { type }]) => (type === 'boolean' ? [] : `--${name}`));
  const seen = new Set<string>();
  for (const arg of rest.filter((_arg, index) => !valued.includes(rest[index - 1] ?? ''))) {
    if (!arg.startsWith('-')) return `the argument ${arg} is superfluous: leave it out, or see paxakos --help`;
    const name = arg.replace(/^--(no-)?/, '').replace(/=.*$/s, '');
    if (!arg.startsWith('--') || !known.some(([option]) => option === name))
      return `there is no option ${arg}: see paxakos --help`;
    if (seen.has(name)) return `--${name} is given more than once: give it once`;
    seen.add(name);
  }
  return undefined;
}

function versionOfPackage(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
