import { existsSync } from 'node:fs';
import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { DataDirectory, nodeIds } from '../demo/data-directory.ts';
import { DemoError, UsageError } from '../demo/demo-error.ts';
import { NodeClient } from '../demo/node-client.ts';
import { counted, shownNumber } from '../demo/view.ts';
import type { NodeStatus } from '../node/node-status.ts';
import { dataDefault } from './demo-command.ts';

const args = {
  url: { type: 'string', valueHint: 'URL', description: 'Asks the node that serves this URL' },
  data: {
    type: 'string',
    valueHint: 'DIR',
    description: `Asks every node whose data lies here (${dataDefault})`,
  },
  json: { type: 'boolean', description: 'One line of JSON a node', default: false },
} as const satisfies ArgsDef;

interface Asked {
  readonly name: string;
  readonly url: string | undefined;
}

const command = defineCommand({
  meta: { name: 'status', description: 'Asks running nodes how they are; 0 only if all of them answer' },
  args,
  async run({ args: { url, data, json } }) {
    if (url !== undefined) checkUrl(url);
    const asked = url === undefined ? await nodesIn(data ?? dataDefault) : [{ name: url, url }];
    const statuses = await Promise.all(asked.map(ask));
    for (const [index, status] of statuses.entries()) {
      const { name = '' } = asked[index] ?? {};
      if (json) console.log(JSON.stringify(status ?? { id: name, status: 'unreachable' }));
      else console.log(status === undefined ? `${name}  unreachable` : lineOf(status));
    }
    process.exitCode = statuses.includes(undefined) ? 1 : 0;
  },
});

/** `paxakos status`. */
export const statusCommand: CommandDef<ArgsDef> = command as unknown as CommandDef<ArgsDef>;

function checkUrl(url: string): void {
  if (URL.canParse(url) && new URL(url).protocol === 'http:') return;
  throw new UsageError(`--url is ${url}, which is no URL of a node: give one such as http://127.0.0.1:4000`);
}

async function nodesIn(data: string): Promise<readonly Asked[]> {
  if (!existsSync(data))
    throw new DemoError(`there is no directory ${data}: name one with --data, or a node with --url`);
  const directory = new DataDirectory(data);
  return await Promise.all(nodeIds.map(async (id) => ({ name: id, url: await directory.urlOf(id) })));
}

async function ask({ url }: Asked): Promise<NodeStatus | undefined> {
  if (url === undefined) return undefined;
  const client = new NodeClient(url.replace(/\/$/, ''));
  try {
    return await client.status(2_000);
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

function lineOf({ id, status, participation, round, committed, leader, value, applied, pid }: NodeStatus): string {
  const state = value === undefined ? 'no state' : `value ${value} after ${counted(applied ?? 0, 'operation')}`;
  return `${id}  ${status}, ${participation}, round ${shownNumber(round)} of ${shownNumber(committed)}, leader ${leader ?? '-'}, ${state}, process ${pid}`;
}
