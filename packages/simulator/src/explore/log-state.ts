import type { NodeInfo, RoundNum } from '@paxakos/core/contracts';
import type { StateReport } from '@paxakos/core/protocol';

/** A state that only members and window matter to: `+d` adds d, `-d` removes it, `~cd` puts d in the place of c, `=5` sets the window. */
export class LogState {
  round: RoundNum = 0;
  members: readonly NodeInfo[];
  concurrency: number;

  constructor(members: readonly NodeInfo[], concurrency: number) {
    this.members = members;
    this.concurrency = concurrency;
  }

  get report(): StateReport {
    return { round: this.round, members: this.members, concurrency: this.concurrency };
  }

  /** Gives a report where that changed what the state names. */
  apply(text: string): StateReport | undefined {
    this.round += 1;
    const [command, first, second] = text;
    const has = (id: string | undefined): boolean => this.members.some((member) => member.id === id);
    if (command === '+' && first !== undefined && !has(first)) this.members = [...this.members, { id: first }];
    else if (command === '-' && has(first)) this.members = this.members.filter(({ id }) => id !== first);
    else if (command === '~' && second !== undefined && has(first))
      this.members = this.members.map((member) => (member.id === first ? { id: second } : member));
    else if (command === '=') this.concurrency = Number(first);
    else return undefined;
    return this.report;
  }

  freeze(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.report));
  }

  static thaw(bytes: Uint8Array): LogState {
    const { round, members, concurrency } = JSON.parse(new TextDecoder().decode(bytes)) as StateReport;
    const state = new LogState(members, concurrency);
    state.round = round;
    return state;
  }
}
