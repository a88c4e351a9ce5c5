import type { Message, Proposal } from '../../../src/contracts/index.ts';
import type { DurableRecord, ReplicaEvent, Settlement } from '../../../src/protocol/index.ts';
import { numberOf, textOf } from './entries.ts';

const decoder = new TextDecoder();

function range(from: number, to: number): string {
  return from === to ? `${from}` : `${from}-${to}`;
}

function proposals(list: readonly Proposal[]): string {
  return list.map(({ round, number, entry }) => `${round}=${textOf(entry)}@${numberOf(number)}`).join(' ');
}

/** One message on one line. */
export function describeMessage(message: Message): string {
  switch (message.type) {
    case 'prepare':
      return `prepare ${numberOf(message.number)} from ${message.from}`;
    case 'promise': {
      const { number, incarnation, from, through, accepted, committed } = message;
      const span = through === Number.MAX_SAFE_INTEGER ? `from ${from}` : range(from, through);
      const reported = accepted.length === 0 ? '' : ` accepted ${proposals(accepted)}`;
      return `promise ${numberOf(number)} ${span} by ${incarnation}${reported} committed ${committed}`;
    }
    case 'supplanted':
      return `supplanted ${numberOf(message.refused)} by ${numberOf(message.greatest)}`;
    case 'converged':
      return `converged ${message.round}, not ${numberOf(message.refused)}, committed ${message.committed}`;
    case 'abstention':
      return `abstention ${numberOf(message.number)} by ${message.incarnation}`;
    case 'propose': {
      const { number, from, entries } = message;
      return `propose ${numberOf(number)} ${range(from, from + entries.length - 1)}: ${entries.map(textOf).join(' ')}`;
    }
    case 'acceptance': {
      const { number, incarnation, from, to, committed } = message;
      return `acceptance ${numberOf(number)} ${range(from, to)} by ${incarnation} committed ${committed}`;
    }
    case 'rejection':
      return `rejection ${numberOf(message.number)} ${message.round} by ${message.incarnation}`;
    case 'commit': {
      const { number, from, ids } = message;
      const names = ids.map((id) => (id.length === 0 ? 'noop' : decoder.decode(id)));
      return `commit ${numberOf(number)} ${range(from, from + ids.length - 1)}: ${names.join(' ')}`;
    }
    default:
      return describeOther(message);
  }
}

function describeOther(message: Message): string {
  switch (message.type) {
    case 'entries':
      return `entries ${proposals(message.entries)} committed ${message.committed}`;
    case 'fetch':
      return `fetch ${range(message.from, message.to)}`;
    case 'progress': {
      const { committed, retained, reply } = message;
      return `progress ${committed} retained ${retained}${reply ? ', and you?' : ''}`;
    }
    case 'inquire':
      return `inquire ${message.round}`;
    case 'meet':
      return `meet ${message.incarnation}, ${message.bound ? 'bound to' : 'met'} ${message.incarnations.map(([, incarnation]) => incarnation).join(' ')}`;
    case 'founded':
      return `founded ${message.founding.incarnations.map(([, incarnation]) => incarnation).join(' ')} committed ${message.committed}`;
    case 'rejoin':
      return `rejoin ${message.incarnation} for ${message.replaces ?? 'none'} attempt ${message.attempt}`;
    default:
      return message.type;
  }
}

/** One record on one line. */
export function describeRecord(record: DurableRecord): string {
  switch (record.type) {
    case 'identity':
      return `identity ${record.incarnation}`;
    case 'founding':
      return `founding ${record.founding.incarnations.map(([, incarnation]) => incarnation).join(' ')}`;
    case 'bind':
      return `bind ${record.incarnations.map(([, incarnation]) => incarnation).join(' ')}`;
    case 'bid':
    case 'promise':
      return `${record.type} ${numberOf(record.number)}`;
    case 'accept': {
      const { number, from, entries } = record;
      return `accept ${numberOf(number)} ${range(from, from + entries.length - 1)}: ${entries.map(textOf).join(' ')}`;
    }
    case 'commit':
      return `commit ${numberOf(record.number)} ${range(record.from, record.to)}`;
    case 'entries':
      return `entries ${proposals(record.entries)}`;
    default:
      return (record as { type: string }).type;
  }
}

/** One event on one line; those that say too much are left out. */
export function describeEvent(event: ReplicaEvent): string | undefined {
  switch (event.type) {
    case 'commit':
      return `commits ${event.round} under ${numberOf(event.number)}`;
    case 'activate': {
      const { participation } = event;
      return `is ${participation.type}${participation.type === 'partiallyActive' ? ` from ${participation.from}` : ''}`;
    }
    case 'gaps':
      return `has gaps ${event.gaps.map(({ from, to }) => range(from, to)).join(' ') || '-'}`;
    case 'stranded':
      return `is stranded at ${event.round}, the others retain ${event.retained}`;
    case 'violation':
    case 'distrust':
      return `blames ${event.peer}: ${event.reason}`;
    default:
      return undefined;
  }
}

export function describeSettlement(settlement: Settlement): string {
  if (settlement.type === 'committed') return `committed in ${settlement.round}`;
  return `failed: ${settlement.failure.code}, effect ${settlement.failure.effect}`;
}
