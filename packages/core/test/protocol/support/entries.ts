import { encodeUtf8, makeEntry, noopEntry, payloadOf } from '../../../src/communicator/index.ts';
import type { CoordNum, Entry } from '../../../src/contracts/index.ts';
import type { Rejoin, ReplicaSettings, SystemEntries, VoterHooks } from '../../../src/protocol/index.ts';
import { defaultTuning } from '../../../src/protocol/index.ts';

const decoder = new TextDecoder();
const nothing: Uint8Array = new Uint8Array(0);

/**
 * An entry of the application's, known by its text. `+d` adds member d, `-d` removes it, `~cd` puts d in the place of c, `=5` sets the concurrency; what
 * follows a `#` only makes it another entry.
 */
export function entryOf(text: string, payload = ''): Entry {
  return makeEntry('application', encodeUtf8(text), encodeUtf8(payload));
}

export const noop: Entry = noopEntry;

/** How a transcript names an entry. */
export function textOf(entry: Entry): string {
  if (entry.kind === 'noop') return 'noop';
  const rejoin = rejoinOf(entry);
  if (rejoin !== undefined) return `rejoin(${rejoin.incarnation})`;
  const text = decoder.decode(entry.id);
  const payload = decoder.decode(payloadOf(entry));
  return payload === '' ? text : `${text}:${payload}`;
}

/** The ids in a word: one letter each. */
export function idsIn(word: string): string[] {
  return word.split('');
}

/** How a transcript names a number: incarnations are the node's id and a count. */
export function numberOf(number: CoordNum | undefined): string {
  return number === undefined ? '-' : `${number.counter}.${number.incarnation}`;
}

/** Says which memory a node has from then on; incarnations are short here, so the entry is of the tests' own making. */
export function rejoinOf(entry: Entry): Rejoin | undefined {
  if (entry.kind !== 'rejoin') return undefined;
  const [id = '', replaces = ''] = decoder.decode(payloadOf(entry)).split(' ');
  return { node: { id }, incarnation: decoder.decode(entry.id), replaces: replaces === '' ? undefined : replaces };
}

export const systemEntries: SystemEntries = {
  noop: noopEntry,
  rejoin: ({ node, incarnation, replaces = '' }) =>
    makeEntry('rejoin', encodeUtf8(incarnation), encodeUtf8(`${node.id} ${replaces}`)),
  rejoinOf,
};

/** A voter that lets everything pass. */
export const willingVoter: VoterHooks = {
  contemplateCandidate: () => ({ vote: 'yea', data: nothing }),
  contemplateProposal: () => ({ vote: 'yea', data: nothing }),
  observeCommit: () => {},
};

/** Settings of a replica that stands alone in a test. */
export function settingsOf(given: Partial<ReplicaSettings> & Pick<ReplicaSettings, 'self'>): ReplicaSettings {
  return {
    cluster: 'test',
    incarnation: `${given.self.id}1`,
    origin: 'founder',
    initial: { members: ['a', 'b', 'c'].map((id) => ({ id })), concurrency: 3 },
    random: () => 0.5,
    voter: willingVoter,
    entries: systemEntries,
    tuning: defaultTuning,
    votesWanted: () => false,
    ...given,
  };
}
