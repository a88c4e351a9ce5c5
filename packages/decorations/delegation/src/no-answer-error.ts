import { type NodeId, PaxakosError } from '@paxakos/core/contracts';

/**
 * The delegatee has not said what came of an append. It is the cause of a `DecorationAppendError`, whose `effect` is
 * `'unknown'`. Code: `PAXAKOS_NO_ANSWER`.
 */
export class NoAnswerError extends PaxakosError {
  readonly delegatee: NodeId;

  constructor(delegatee: NodeId, why: string) {
    super('PAXAKOS_NO_ANSWER', `"${delegatee}" has not said what came of the append: ${why}`);
    this.delegatee = delegatee;
  }
}
