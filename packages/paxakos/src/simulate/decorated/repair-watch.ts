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
    const since = isIdle ? (this.#lostSince.get(actor) ?? now) : now;
    this.#lostSince.set(actor, since);
    if (now - since > idleMsMax) context.complain(`repairs: ${context.id} has no state, and does not look for one`);
    // Until the faults are over, a disk that hangs may keep what has come.
    const isIdling = context.isHealed() && node.status === 'following' && node.catchUp.progress !== undefined;
    const from = isIdling ? (this.#idlingSince.get(actor) ?? now) : now;
    this.#idlingSince.set(actor, from);
    if (now - from > idleMsMax) context.complain(`repairs: ${context.id} follows, and goes on fetching a snapshot`);
  }
}
