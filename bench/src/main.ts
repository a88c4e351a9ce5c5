import { busNames } from './bench-bus.ts';
import { measure } from './bench-cluster.ts';
import type { Load, LoadResult } from './bench-node.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { rawRate } from './raw-rate.ts';

const rawFrames = 200_000;

function loadsOf(scale: number): readonly Load[] {
  return [
    { inFlight: 1, operations: Math.ceil(3_000 * scale) },
    { inFlight: 16, operations: Math.ceil(30_000 * scale) },
    { inFlight: 256, operations: Math.ceil(100_000 * scale) },
  ];
}

const rounded = (count: number): string => Math.round(count).toLocaleString('en');

/** Appends over one bus. */
async function printAppends(options: BenchOptions): Promise<void> {
  const { isDurable, isAuthenticated } = options;
  const kind = `${isDurable ? 'durable' : 'volatile'}${isAuthenticated ? ', authenticated' : ''}`;
  for (const { inFlight, perSecond, medianMs, p99Ms } of await measure(options, loadsOf(options.scale))) {
    const figures = `${Math.round(perSecond)} appends/s, median ${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
    console.log(`${kind}, ${inFlight} in flight: ${figures}`);
  }
}

/** One table of every bus, bare and authenticated, and the raw rate of its client. */
async function printTable({ isDurable, scale }: BenchOptions): Promise<void> {
  console.log(`| bus | frames | 1 in flight: median | p99 | 16 in flight | 256 in flight | raw client | 256 : raw |`);
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const bus of busNames) {
    const raw = await rawRate(bus, rawFrames * scale);
    for (const isAuthenticated of [false, true]) {
      const [one, some, many] = await measure({ bus, isAuthenticated, isDurable }, loadsOf(scale));
      const { medianMs, p99Ms } = one as LoadResult;
      const { perSecond } = many as LoadResult;
      const cells = [
        bus,
        isAuthenticated ? 'authenticated' : 'bare',
        `${medianMs.toFixed(2)} ms`,
        `${p99Ms.toFixed(2)} ms`,
        `${rounded((some as LoadResult).perSecond)}/s`,
        `${rounded(perSecond)}/s`,
        `${rounded(raw)} frames/s`,
        (perSecond / raw).toFixed(2),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
}

async function main(options: BenchOptions): Promise<void> {
  if (options.all) await printTable(options);
  else if (options.raw === undefined) await printAppends(options);
  else
    for (const bus of options.raw)
      console.log(`${bus}: ${rounded(await rawRate(bus, rawFrames * options.scale))} frames/s`);
}

let options: BenchOptions | undefined;
try {
  options = readOptions(process.argv.slice(2));
  await main(options);
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exit(options === undefined ? 2 : 1);
}
