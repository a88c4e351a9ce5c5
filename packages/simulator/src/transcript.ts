import type { Message } from '@paxakos/core/contracts';
import type { DurableRecord } from '@paxakos/core/protocol';
import { describeNumber, describeSpan, textOf } from './describe.ts';
import type { Observation } from './observation.ts';

/** How much of what happened last is kept. */
const keptMax = 400;

const codes: Readonly<Record<Observation['type'], number>> = {
  started: 1,
  running: 2,
  ended: 3,
  forgot: 4,
  sent: 5,
  written: 6,
  durable: 7,
  recovered: 8,
  saved: 9,
  restored: 10,
  opened: 11,
  event: 12,
  applied: 13,
  thawed: 14,
  invoked: 15,
  settled: 16,
  fault: 17,
  healed: 18,
  served: 19,
  offered: 20,
  harmed: 21,
  refused: 22,
  saving: 23,
};

/** What happened: a fingerprint of all of it, and the last of it in words. */
export class Transcript {
  readonly #now: () => number;
  readonly #onLine: ((line: string) => void) | undefined;
  #kept: { readonly at: number; readonly observation: Observation }[] = [];
  #hash = 0x811c9dc5;

  constructor(now: () => number, onLine: ((line: string) => void) | undefined) {
    this.#now = now;
    this.#onLine = onLine;
  }

  /** Tells two runs apart that differ anywhere. */
  get fingerprint(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
    this.#hash ^= this.#hash >>> 13;
  }

  see(observation: Observation): void {
    const at = this.#now();
    this.mix(codes[observation.type]);
    this.mix(Math.round(at * 1_000));
    if (this.#kept.length >= keptMax * 2) this.#kept = this.#kept.slice(keptMax);
    this.#kept.push({ at, observation });
    if (this.#onLine === undefined) return;
    const line = describe(at, observation);
    if (line !== undefined) this.#onLine(line);
  }

  /** The last of what happened, in words. */
  get lines(): string[] {
    return this.#kept
      .map(({ at, observation }) => describe(at, observation))
      .filter((line) => line !== undefined)
      .slice(-keptMax);
  }
}

function describe(at: number, observation: Observation): string | undefined {
  const text = wordsFor(observation);
  if (text === undefined) return undefined;
  const who = 'life' in observation ? `${observation.life.node}${observation.life.ordinal}` : '';
  return `${at.toFixed(2).padStart(10)} ${who.padEnd(4)} ${text}`;
}

function wordsFor(observation: Observation): string | undefined {
  switch (observation.type) {
    case 'sent':
      return `→ ${observation.to.map(({ id }) => id).join(' ')}: ${describeMessage(observation.message)}`;
    case 'written':
    case 'durable':
    case 'recovered':
      return `${observation.type}: ${observation.records.map(describeRecord).join('; ')}`;
    case 'saved':
    case 'restored':
      return `${observation.type} a snapshot after round ${observation.image.round}`;
    case 'event':
      return observation.event.type === 'directive' || observation.event.type === 'apply'
        ? undefined
        : `${observation.event.type} ${detailsOf(observation.event)}`;
    case 'applied':
      return `applied ${observation.round}: ${observation.entry.id} ${observation.entry.type} = ${JSON.stringify(observation.outcome)}`;
    case 'invoked':
      return `append ${observation.operation.entry.id} at ${observation.operation.node}: ${observation.operation.entry.type}`;
    case 'offered':
      return undefined;
    case 'settled':
      return `append ${observation.operation.entry.id}: ${detailsOf(observation.settled)}`;
    case 'fault':
      return `## ${observation.text}`;
    case 'healed':
      return '## all faults end';
    default:
      return `${observation.type} ${detailsOf(observation)}`;
  }
}

function detailsOf(value: object): string {
  return Object.entries(value)
    .filter(([name]) => name !== 'type' && name !== 'life' && name !== 'kind')
    .map(([name, detail]) => `${name} ${detailOf(detail)}`)
    .join(', ');
}

function detailOf(detail: unknown): string {
  if (detail instanceof Error) return String(detail);
  if (typeof detail === 'object' && detail !== null && 'counter' in detail) return describeNumber(detail as never);
  return typeof detail === 'string' ? detail : (JSON.stringify(detail) ?? 'nothing');
}

function describeMessage(message: Message): string {
  switch (message.type) {
    case 'prepare':
      return `prepare ${describeNumber(message.number)} from ${message.from}`;
    case 'promise': {
      const accepted = message.accepted.map((proposal) => `${proposal.round} ${textOf(proposal.entry)}`).join(', ');
      return `promise ${describeNumber(message.number)} ${describeSpan(message.from, message.through)} accepted [${accepted}]`;
    }
    case 'propose': {
      const entries = message.entries.map(textOf).join(' ');
      return `propose ${describeNumber(message.number)} ${describeSpan(message.from, message.from + message.entries.length - 1)}: ${entries}`;
    }
    case 'acceptance':
      return `acceptance ${describeNumber(message.number)} ${describeSpan(message.from, message.to)}`;
    case 'commit':
      return `commit ${describeNumber(message.number)} ${describeSpan(message.from, message.from + message.ids.length - 1)}`;
    case 'entries':
      return `entries ${message.entries.map(({ round, entry }) => `${round} ${textOf(entry)}`).join(', ')}`;
    default:
      return `${message.type} ${detailsOf(message)}`;
  }
}

function describeRecord(record: DurableRecord): string {
  switch (record.type) {
    case 'accept': {
      const entries = record.entries.map(textOf).join(' ');
      return `accept ${describeNumber(record.number)} ${describeSpan(record.from, record.from + record.entries.length - 1)}: ${entries}`;
    }
    case 'commit':
      return `commit ${describeNumber(record.number)} ${describeSpan(record.from, record.to)}`;
    case 'entries':
      return `entries ${record.entries.map(({ round, entry }) => `${round} ${textOf(entry)}`).join(', ')}`;
    case 'bid':
    case 'promise':
      return `${record.type} ${describeNumber(record.number)}`;
    default:
      return `${record.type} ${detailsOf(record)}`;
  }
}
