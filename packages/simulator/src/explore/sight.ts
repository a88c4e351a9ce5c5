import type { IncarnationId, Message, NodeId, RoundNum } from '@paxakos/core/contracts';
import { textOf } from './entry-of.ts';
import type { Fact } from './fact.ts';
import { nameOf } from './name-of.ts';
import type { Voters } from './voters-of.ts';

/** What is known where something comes to pass. */
export interface Scene {
  /** All facts before. */
  readonly facts: readonly Fact[];
  /** Who votes in a round, by which memory, as far as the log is known; nobody where the window does not reach. */
  readonly votersIn: (round: number) => Voters;
}

/** Something that a world is there to show: that it is reached, not how much of what follows it is. */
export interface Sight {
  readonly name: string;
  /** Whether it comes to pass with this. */
  readonly isMet: (news: Fact, scene: Scene) => boolean;
}

type Said<Type extends Message['type']> = Extract<Message, { type: Type }>;

/** What a node says by such a message; `undefined` where the fact is another one. */
function saidBy<Type extends Message['type']>(fact: Fact, node: NodeId, type: Type): Said<Type> | undefined {
  if (fact.type !== 'sent' || fact.from !== node || fact.message.type !== type) return undefined;
  return fact.message as Said<Type>;
}

/** All that a node has said by such messages. */
function allSaid<Type extends Message['type']>(facts: readonly Fact[], node: NodeId, type: Type): Said<Type>[] {
  return facts.flatMap((fact) => saidBy(fact, node, type) ?? []);
}

function roundsOf({ from, entries }: Said<'propose'>): RoundNum[] {
  return entries.map((_, index) => from + index);
}

/** The counter of a number by its name. */
function counterOf(name: string): number {
  return Number(name.split('.')[0]);
}

export function refuses(): Sight {
  return { name: 'a bid is refused', isMet: (news) => news.type === 'sent' && news.message.type === 'supplanted' };
}

export function bidsAgain(node: NodeId): Sight {
  const isMet = (news: Fact, { facts }: Scene): boolean => {
    const bid = saidBy(news, node, 'prepare');
    if (bid === undefined) return false;
    return allSaid(facts, node, 'prepare').some(({ number }) => nameOf(number) !== nameOf(bid.number));
  };
  return { name: `${node} bids under a second number`, isMet };
}

export function turns(node: NodeId): Sight {
  const isMet = (news: Fact, { facts }: Scene): boolean => {
    const promise = saidBy(news, node, 'promise');
    if (promise === undefined) return false;
    return allSaid(facts, node, 'promise').some(({ number }) => nameOf(number) !== nameOf(promise.number));
  };
  return { name: `${node} promises a second number`, isMet };
}

export function proposes(node: NodeId, text: string): Sight {
  const isMet = (news: Fact): boolean =>
    saidBy(news, node, 'propose')?.entries.some((entry) => textOf(entry) === text) === true;
  return { name: `${node} proposes ${text}`, isMet };
}

/** To one node, where the first time it was to all. */
export function repeats(node: NodeId): Sight {
  const isMet = (news: Fact): boolean =>
    news.type === 'sent' && news.to.length === 1 && saidBy(news, node, 'propose') !== undefined;
  return { name: `${node} repeats a proposal`, isMet };
}

export function commits(text: string): Sight {
  return { name: `${text} is committed`, isMet: (news) => news.type === 'known' && news.text === text };
}

export function promises(incarnation: IncarnationId): Sight {
  const isMet = (news: Fact): boolean =>
    news.type === 'sent' && news.message.type === 'promise' && news.message.incarnation === incarnation;
  return { name: `${incarnation} promises`, isMet };
}

/** An acceptance of a memory in a round where the log names it. */
function isVoteOf(
  incarnation: IncarnationId,
  news: Fact,
  { votersIn }: Scene,
): news is Extract<Fact, { type: 'accepted' }> {
  return (
    news.type === 'accepted' && news.incarnation === incarnation && votersIn(news.round).get(news.node) === incarnation
  );
}

export function accepts(incarnation: IncarnationId): Sight {
  return { name: `${incarnation} accepts`, isMet: (news, scene) => isVoteOf(incarnation, news, scene) };
}

/** What the one promised does not bind the other, and must not count where that votes (H70). */
export function acceptsBelow(incarnation: IncarnationId, former: IncarnationId): Sight {
  const isMet = (news: Fact, scene: Scene): boolean =>
    isVoteOf(incarnation, news, scene) &&
    scene.facts.some(
      (fact) =>
        fact.type === 'sent' &&
        fact.to !== '' &&
        fact.message.type === 'promise' &&
        fact.message.incarnation === former &&
        fact.message.number.counter > counterOf(news.number),
    );
  return { name: `${incarnation} accepts below a promise of ${former} that is under way`, isMet };
}

/** The node proposes where `gone` governs, by its promise, and has `come` in the next round (H68). */
export function leadsUpTo(node: NodeId, gone: NodeId, come: NodeId): Sight {
  const isMet = (news: Fact, { facts, votersIn }: Scene): boolean => {
    const proposal = saidBy(news, node, 'propose');
    if (proposal === undefined) return false;
    const last = Math.max(...roundsOf(proposal));
    if (!votersIn(last).has(gone) || !votersIn(last + 1).has(come)) return false;
    return allSaid(facts, gone, 'promise').some(({ number }) => nameOf(number) === nameOf(proposal.number));
  };
  return { name: `${node} leads by a promise of ${gone} up to the rounds of ${come}`, isMet };
}

/** One number serves for rounds of the one and of the other (P5). */
export function leadsAcross(node: NodeId, gone: NodeId, come: NodeId): Sight {
  const isMet = (news: Fact, { facts, votersIn }: Scene): boolean => {
    const proposal = saidBy(news, node, 'propose');
    if (proposal === undefined || !roundsOf(proposal).some((round) => votersIn(round).has(come))) return false;
    return [...allSaid(facts, node, 'propose'), proposal]
      .filter(({ number }) => nameOf(number) === nameOf(proposal.number))
      .some((other) => roundsOf(other).some((round) => votersIn(round).has(gone)));
  };
  return { name: `${node} leads on from rounds of ${gone} into rounds of ${come}`, isMet };
}

export function crashes(node: NodeId, keeps: 'log' | 'snapshot'): Sight {
  const isMet = (news: Fact): boolean =>
    news.type === 'ended' && news.node === node && news.promised !== undefined && news.keeps === keeps;
  return { name: `${node} crashes after a promise and keeps a ${keeps}`, isMet };
}

export function forgets(node: NodeId): Sight {
  const isMet = (news: Fact): boolean =>
    news.type === 'ended' && news.node === node && news.promised !== undefined && news.keeps === 'nothing';
  return { name: `${node} forgets a promise`, isMet };
}
