import { InvalidError, isPaxakosError } from '@paxakos/core';
import { connectTransport } from '../bus/connect-transport.ts';
import type { DataDirectory } from './data-directory.ts';
import { DemoError, UsageError } from './demo-error.ts';

/** The environment variable that names the bus; nodes get it from the demonstration, since anyone can read a command line. */
export const busVariable = 'PAXAKOS_BUS';

/** Which bus the nodes use, and which setting said so. */
export class BusSetting {
  readonly #address: string | undefined;
  readonly #name: string;

  /** The option wins over the environment. */
  constructor(option: string | undefined, environment: NodeJS.ProcessEnv = process.env) {
    const variable = environment[busVariable];
    this.#address = option ?? (variable === '' ? undefined : variable);
    this.#name = option === undefined ? busVariable : '--bus';
    if (option === '') throw new UsageError('--bus has no value');
  }

  /** Where the bus is; by default, sockets in the data directory. */
  addressIn(directory: DataDirectory): string {
    return this.#address ?? directory.busDefault;
  }

  /** Whether the nodes listen themselves, and may find that one which was killed a moment ago still does. */
  get isListenedAt(): boolean {
    return this.#address === undefined || /^zmq\+/i.test(this.#address);
  }

  /** Rejects with a `DemoError` where the address is none, or its package is missing. Opens nothing. */
  async check(directory: DataDirectory): Promise<void> {
    try {
      if (/^memory:/i.test(this.#address ?? '')) {
        throw new InvalidError(
          'address',
          this.#address,
          'the nodes are processes of their own: give a bus between processes',
        );
      }
      await (await connectTransport(this.addressIn(directory))).close();
    } catch (error) {
      if (!isPaxakosError(error)) throw error;
      throw error.code === 'PAXAKOS_INVALID'
        ? new UsageError(this.#unusable(error.message), { cause: error })
        : this.error(error.message);
    }
  }

  /** What a bus that does not open becomes, in words on the setting. */
  error(reason: string): DemoError {
    return new DemoError(this.#address === undefined ? reason : this.#unusable(reason));
  }

  #unusable(reason: string): string {
    return `${this.#name} cannot be used: ${reason}`;
  }
}
