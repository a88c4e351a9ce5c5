// Contact: no node says that it is cut off right after a sign of life; and when the faults are over, no member does.
import type { Actor, Watch } from './watch.ts';

/** Looks at what heartbeats tell. */
export class ContactWatch implements Watch {
  begin({ node, context: { clock, complain, count, id } }: Actor): void {
    node.heartbeats.onChange((isCutOff) => {
      if (!isCutOff) return;
      count('a node finds itself cut off');
      const forMs = clock.now() - (node.heartbeats.lastAliveAt ?? Number.NEGATIVE_INFINITY);
      if (forMs < 299) complain(`contact: ${id} says that it is cut off ${forMs} ms after a sign of life`);
    });
    node.on('apply', ({ entry }) => {
      if (entry?.type === 'beat') count('a heartbeat');
    });
  }

  lacking(_: Actor, members: readonly Actor[]): string | undefined {
    const lost = members.find(({ node }) => node.heartbeats.isCutOff);
    return lost && `${lost.context.id} says that it is cut off`;
  }
}
