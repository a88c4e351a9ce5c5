// Repairs: a node without a state looks for one; a snapshot is of no more bytes than were announced; and who follows fetches none.
import type { Actor, Watch } from './watch.ts';

/** For how long a node may do nothing about its lack, or go on without one, in milliseconds of its clock. */
const idleMsMax = 1_000;

/** Looks at who needs a snapshot, and who gets one. */
export class RepairWatch implements Watch {
  readonly #lostSince = new WeakMap<Actor, number>();
  readonly #idlingSince = new WeakMap<Actor, number>();

  begin({ node, context: { complain, count, id } }: Actor): void {
    const { catchUp } = node;
    let whole: number | undefined;
    catchUp.onProgress((progress) => {
      if (progress === undefined) return;
      const { bytesReceived, bytesTotal, round } = progress;
      if (bytesReceived > bytesTotal) complain(`repairs: ${id} got more than there is`);
      whole = bytesReceived === bytesTotal ? round : undefined;
    });
    node.on('install', ({ round }) => {
      if (round === whole) count('a snapshot is caught up');
      whole = undefined;
    });
  }

  look(actor: Actor): void {
    const { node, context } = actor;
    const now = context.clock.now();
    const isIdle = node.status === 'disoriented' && !node.catchUp.isCatchingUp;
    if (lastsFor(this.#lostSince, actor, isIdle, now) > idleMsMax)
      context.complain(`repairs: ${context.id} has no state, and does not look for one`);
    // Until the faults are over, a disk that hangs may keep what has come.
    const isIdling = context.isHealed() && node.status === 'following' && node.catchUp.progress !== undefined;
    if (lastsFor(this.#idlingSince, actor, isIdling, now) > idleMsMax)
      context.complain(`repairs: ${context.id} follows, and goes on fetching a snapshot`);
  }
}

/** For how long something has been so, from the first look that found it so on: a node that is paused is not looked at. */
function lastsFor(since: WeakMap<Actor, number>, actor: Actor, isSo: boolean, now: number): number {
  if (!isSo) since.delete(actor);
  else if (!since.has(actor)) since.set(actor, now);
  return now - (since.get(actor) ?? now);
}
