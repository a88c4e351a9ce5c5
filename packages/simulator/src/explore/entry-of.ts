import type { Entry } from '@paxakos/core/contracts';
import type { Rejoin, SystemEntries, VoterHooks } from '@paxakos/core/protocol';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nothing = new Uint8Array(0);

/** An entry that is all text, so that its id tells it from every other one. */
function entryOfKind(kind: Entry['kind'], text: string): Entry {
  const bytes = encoder.encode(text);
  return { kind, id: bytes, bytes };
}

export function entryOf(text: string): Entry {
  return entryOfKind('application', text);
}

export function textOf({ bytes }: Entry): string {
  return decoder.decode(bytes);
}

/** What a rejoin entry says. */
export function rejoinOf(text: string): Rejoin | undefined {
  const [kind, id, incarnation, replaces] = text.split(' ');
  if (kind !== 'rejoin' || id === undefined || incarnation === undefined) return undefined;
  return { node: { id }, incarnation, replaces: replaces === '-' ? undefined : replaces };
}

export const systemEntries: SystemEntries = {
  noop: entryOfKind('noop', 'noop'),
  rejoin: ({ node, incarnation, replaces = '-' }) =>
    entryOfKind('rejoin', `rejoin ${node.id} ${incarnation} ${replaces}`),
  rejoinOf: (entry) => (entry.kind === 'rejoin' ? rejoinOf(textOf(entry)) : undefined),
};

/** Lets everything pass. */
export const willingVoter: VoterHooks = {
  contemplateCandidate: () => ({ vote: 'yea', data: nothing }),
  contemplateProposal: () => ({ vote: 'yea', data: nothing }),
  observeCommit: () => {},
};
