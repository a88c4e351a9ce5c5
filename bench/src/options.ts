import { parseArgs } from 'node:util';
import { type BusName, busNames, nameOf } from './bench-bus.ts';

/** What to measure. */
export interface BenchOptions {
  /** A name or an address. */
  readonly bus: string;
  readonly isAuthenticated: boolean;
  readonly isDurable: boolean;
  readonly scale: number;
  /** Of which clients the raw rate is wanted, in place of appends. */
  readonly raw: readonly BusName[] | undefined;
  /** A table of everything. */
  readonly all: boolean;
}

const known = '--bus BUS, --authenticated, --volatile, --scale NUMBER, --raw, --all';

/** Reads the options. Throws an error of one line where they are not understood. */
export function readOptions(args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        bus: { type: 'string' },
        authenticated: { type: 'boolean', default: false },
        volatile: { type: 'boolean', default: false },
        scale: { type: 'string', default: '1' },
        raw: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
      },
    });
    const { bus = 'zmq', all, raw, authenticated: isAuthenticated } = values;
    const scale = Number(values.scale);
    if (!Number.isFinite(scale) || scale <= 0) {
      throw new Error(`--scale is ${JSON.stringify(values.scale)}: give a number above 0, such as 0.1`);
    }
    const name = nameOf(bus);
    // Not its value: an address may hold a password.
    if (name === undefined && !bus.includes(':'))
      throw new Error(`--bus is none of ${busNames.join(', ')}, and no address`);
    if (raw && name === undefined)
      throw new Error(`--raw takes one of ${busNames.join(', ')} as --bus, and no address`);
    if (all && (raw || isAuthenticated || values.bus !== undefined)) {
      throw new Error('--all measures every bus, bare and authenticated, and raw: leave these options out');
    }
    const clients = values.bus === undefined || name === undefined ? busNames : [name];
    return { bus, isAuthenticated, isDurable: !values.volatile, scale, raw: raw ? clients : undefined, all };
  } catch (error) {
    throw new Error(`${(error as Error).message.replaceAll('\n', ' ')} (options: ${known})`, { cause: error });
  }
}
