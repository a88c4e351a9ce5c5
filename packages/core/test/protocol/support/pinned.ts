import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import type { World } from './world.ts';

// PAXAKOS_TRANSCRIPTS=update writes them anew; read the difference before it is committed.
const isUpdating = process.env.PAXAKOS_TRANSCRIPTS === 'update';
// From build/test/protocol/support to test/protocol/transcripts.
const folder = new URL('../../../../test/protocol/transcripts/', import.meta.url);

/** Compares what happened since line `from` with the transcript of this name. */
export function assertPinned(t: ExecutionContext, name: string, world: World, from = 0): void {
  const lines = `${world.transcript.slice(from).join('\n')}\n`;
  const file = new URL(`${name}.txt`, folder);
  if (isUpdating) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, lines);
  }
  t.is(lines, readFileSync(file, 'utf8'), `the transcript ${name}; PAXAKOS_TRANSCRIPTS=update writes it anew`);
}
