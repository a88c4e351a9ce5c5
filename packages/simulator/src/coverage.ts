import type { Message, PaxakosEvent } from '@paxakos/core/contracts';
import type { Observation } from './observation.ts';

/** Counts what a run meets. */
export class Coverage {
  readonly counts: Map<string, number> = new Map();
  readonly #prepared = new Map<string, number>();
  readonly #proposed = new Map<string, string>();

  count(branch: string, times = 1): void {
    this.counts.set(branch, (this.counts.get(branch) ?? 0) + times);
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'sent':
        return this.#sent(observation.message);
      case 'event':
        return this.#event(observation.event);
      case 'started':
        if (observation.as === 'resume') this.count('a node resumes');
        if (observation.as === 'recover') this.count('a node recovers');
        if (observation.as === 'join') this.count('a node joins');
        return;
      case 'served':
        return this.count('history is served from the storage');
      case 'saved':
        return this.count('a snapshot is stored');
      case 'restored':
        return this.count('a snapshot is restored');
      case 'applied':
        if (['admit', 'dismiss'].includes(observation.entry.type)) this.count('a membership change is applied');
        if (observation.entry.type === 'window') this.count('a window change is applied');
        return;
      case 'settled':
        if (observation.settled.kind !== 'failed') return;
        this.count(`append: ${observation.settled.code}`);
        if (observation.settled.effect === 'unknown') this.count('an append in doubt');
        return;
      case 'written':
        for (const record of observation.records) {
          if (record.type === 'accept' && record.entries.some(({ kind }) => kind === 'noop'))
            this.count('a no-op fills a round');
          if (record.type === 'accept' && record.entries.some(({ kind }) => kind === 'rejoin'))
            this.count('a rejoin is accepted');
        }
    }
  }

  #event(event: PaxakosEvent): void {
    if (event.type === 'install') this.count('a snapshot is installed');
    if (event.type === 'failure') this.count('a node fails');
    if (event.type === 'stranded') this.count('a node is stranded');
    if (event.type === 'gaps') this.count('a gap');
    if (event.type === 'activate' && event.participation.type === 'partiallyActive') this.count('partially active');
  }

  #sent(message: Message): void {
    this.count(`message: ${message.type}`);
    if (message.type === 'promise') {
      if (message.accepted.length > 0) this.count('a promise reports accepted proposals');
      if (message.through !== Number.MAX_SAFE_INTEGER) this.count('a promise comes in parts');
    } else if (message.type === 'prepare') {
      const name = `${message.number.counter} ${message.number.incarnation}`;
      const from = this.#prepared.get(name) ?? message.from;
      if (message.from > from) this.count('a mandate is extended to another cluster');
      this.#prepared.set(name, from);
    } else if (message.type === 'propose') {
      const name = `${message.number.counter} ${message.number.incarnation}`;
      if (message.entries.length > 1) this.count('a run of several rounds');
      for (let round = message.from; round < message.from + message.entries.length; round += 1) {
        const before = this.#proposed.get(`${round}`);
        if (before === name) this.count('a proposal is sent again');
        else if (before !== undefined) this.count('a proposal of another leader is proposed again');
        this.#proposed.set(`${round}`, name);
      }
    } else if (message.type === 'meet' && message.bound) this.count('a founder is bound');
  }
}
