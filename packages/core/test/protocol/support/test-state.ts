import type { Entry, NodeInfo, RoundNum } from '../../../src/contracts/index.ts';
import type { StateReport } from '../../../src/protocol/index.ts';
import { textOf } from './entries.ts';

/** A state that keeps what it was given, and whose members and window entries change. */
export class TestState {
  round: RoundNum = 0;
  /** The texts applied, one a round, from round 1 on. */
  texts: string[] = [];
  members: readonly NodeInfo[];
  concurrency: number;

  constructor(members: readonly NodeInfo[], concurrency: number) {
    this.members = members;
    this.concurrency = concurrency;
  }

  /** Applies one entry; gives a report where that changed what the state names. */
  apply(round: RoundNum, entry: Entry): StateReport | undefined {
    if (round !== this.round + 1) throw new Error(`P12: round ${round} applied after ${this.round}`);
    this.round = round;
    const text = textOf(entry);
    this.texts.push(text);
    if (entry.kind !== 'application' || !this.#change(text.split('#')[0] as string)) return undefined;
    return this.report;
  }

  #change(command: string): boolean {
    const argument = command.slice(1);
    const isMember = this.members.some(({ id }) => id === argument);
    switch (command[0]) {
      case '+':
        if (isMember) return false;
        this.members = [...this.members, { id: argument }];
        return true;
      case '-':
        if (!isMember || this.members.length === 1) return false;
        this.members = this.members.filter(({ id }) => id !== argument);
        return true;
      case '~':
        if (!this.members.some(({ id }) => id === command[1])) return false;
        this.members = this.members.map((member) => (member.id === command[1] ? { id: command[2] as string } : member));
        return true;
      case '=':
        if (this.concurrency === Number(argument)) return false;
        this.concurrency = Number(argument);
        return true;
      default:
        return false;
    }
  }

  get report(): StateReport {
    return { round: this.round, members: this.members, concurrency: this.concurrency };
  }

  freeze(): Uint8Array {
    const { round, texts, members, concurrency } = this;
    return new TextEncoder().encode(JSON.stringify({ round, texts, members, concurrency }));
  }

  static thaw(bytes: Uint8Array): TestState {
    const { round, texts, members, concurrency } = JSON.parse(new TextDecoder().decode(bytes)) as TestState;
    const state = new TestState(members, concurrency);
    state.round = round;
    state.texts = texts;
    return state;
  }
}
