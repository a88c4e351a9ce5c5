// Goal: what the README shows works as it stands. Method: the sample itself, in three real processes, on ports that are free here.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const sample = fileURLToPath(new URL('../src/stock.js', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Waits until a process has printed `text`; gives all that it printed by then. */
function prints(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (chunk) => {
      printed += String(chunk);
      if (printed.includes(text)) resolve(printed);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}, without "${text}": ${printed}`)));
  });
}

test("the README's state runs on three nodes, which agree and survive a kill", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paxakos-stock-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await symlink(modules, join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  let code = await readFile(sample, 'utf8');
  for (const port of ['7101', '7102', '7103']) code = code.replace(port, String(await freePort()));
  await writeFile(join(folder, 'stock.js'), code);
  const start = (id: string): ChildProcess => {
    const child = spawn(process.execPath, ['stock.js', id], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };

  const nodes = ['a', 'b', 'c'].map(start);
  const printed = await Promise.all(nodes.map((node) => prints(node, ': in round ')));
  const totals = printed.map((text) => Number(/apples: (\d+)/.exec(text)?.[1])).sort((a, b) => a - b);
  t.deepEqual(totals, [3, 6, 9], 'each node put three apples, one after the other, into one and the same state');

  nodes[0]?.kill('SIGKILL');
  const again = start('a');
  t.regex(await prints(again, 'apples: '), /apples: 12/);
  const left = [again, ...nodes.slice(1)];
  const ends = left.map((node) => once(node, 'exit'));
  for (const node of left) node.kill('SIGINT');
  t.deepEqual(
    (await Promise.all(ends)).map(([exitCode]) => exitCode as number),
    [0, 0, 0],
  );
});
