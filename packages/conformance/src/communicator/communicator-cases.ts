import { type Communicator, type OverTransportOptions, overTransport, type Transport } from '@paxakos/core';
import { runCase } from '../transport/run-case.ts';
import type { TransportCapability, TransportFixture } from '../transport/transport-fixture.ts';
import { chunkCases } from './chunk-cases.ts';
import { CommunicatorBed } from './communicator-bed.ts';
import { messageCases } from './message-cases.ts';
import { resilienceCases } from './resilience-cases.ts';

/** One rule that a communicator must keep. */
export interface CommunicatorCase {
  /** The rule, in words. */
  readonly title: string;
  /** The capabilities that it needs of the transport and its fixture. */
  readonly requires: readonly TransportCapability[];
  /** Rejects if the communicator breaks the rule, at the latest after 10 minutes. */
  run(): Promise<void>;
}

/** What the suite runs over. */
export interface CommunicatorSuiteOptions {
  /** The largest frame that the transports are made to take, in bytes, from 1,024; so chunks are forced. Default: their own. */
  readonly frameBytesMax?: number;
  /** What makes communicators. Default: `overTransport`. */
  readonly communicator?: (transport: Transport, options: OverTransportOptions) => Communicator;
}

/** Title, work, and the capabilities it needs. */
export type CaseTable = readonly (readonly [
  title: string,
  work: (bed: CommunicatorBed) => Promise<void>,
  requires?: readonly TransportCapability[],
])[];

const allCases = [messageCases, chunkCases, resilienceCases].flat();

/**
 * The rules of the communicator contract over a transport, as data for any test runner; the fixtures are those of
 * `transportCases`. Run them one after another. Cases that need a capability beyond `capabilities` are left out.
 */
export function communicatorCases(
  create: () => TransportFixture | Promise<TransportFixture>,
  capabilities: readonly TransportCapability[] = [],
  options: CommunicatorSuiteOptions = {},
): readonly CommunicatorCase[] {
  const { communicator = overTransport, frameBytesMax } = options;
  const applies = (requires: readonly TransportCapability[]): boolean =>
    requires.every((capability) => capabilities.includes(capability));
  return allCases.flatMap(([title, work, requires = []]) => {
    const run = async (): Promise<void> =>
      runCase(title, new CommunicatorBed(await create(), communicator, frameBytesMax), work);
    return applies(requires) ? [{ title, requires, run }] : [];
  });
}
