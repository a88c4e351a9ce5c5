import assert from 'node:assert/strict';
import { applyWith, type LogEntry, type NodeInfo } from '@paxakos/core';
import type { CampaignOptions } from '@paxakos/simulator';

type Book = LogEntry<'book', { seat: number; guest: string }, boolean>;

function seats(members: readonly NodeInfo[], taken: readonly [number, string][] = []) {
  const guests = new Map(taken);
  return {
    apply: applyWith<Book>({ book: ({ seat, guest }) => !guests.has(seat) && guests.set(seat, guest).has(seat) }),
    cluster: () => members,
    freeze: () => [...guests],
  };
}

export const simulation: CampaignOptions<ReturnType<typeof seats>> = {
  state: (members) => ({ create: () => seats(members), thaw: (taken) => seats(members, taken) }),
  workload: (id, random) => ({ id, type: 'book', seat: random.below(40), guest: id }),
  invariant: ({ freeze }) => assert.ok(freeze().length <= 40),
};
