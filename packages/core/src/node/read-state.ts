import type { ReadFunction, ReadOptions, RoundNum } from '../contracts/index.ts';
import { DisorientedError, InvalidError, StoppedError } from '../contracts/index.ts';
import type { NodeCore } from './node-core.ts';
import { checkNames } from './node-options.ts';

/** The read below all decorations. */
export function readState(core: NodeCore): ReadFunction {
  return async <Result>(fn: (state: unknown, round: RoundNum) => Result, options: ReadOptions): Promise<Result> => {
    checkNames('read', options ?? {}, ['consistency', 'signal']);
    const { consistency, signal } = options ?? {};
    if (consistency === 'lease' || consistency === 'laxLease')
      throw new InvalidError('consistency', consistency, "install the decoration masterLeases, or give 'linearizable'");
    if (consistency !== 'stale' && consistency !== 'linearizable')
      throw new InvalidError('consistency', consistency, "give 'stale' or 'linearizable'");
    if (core.status === 'stopped') throw new StoppedError('read');
    if (consistency === 'linearizable') {
      // Whatever was applied anywhere before now stands in a round below that of the no-op.
      const commit = await core.appendNoop(signal === undefined ? {} : { signal });
      await commit.applied();
    }
    const { state, round } = core.applier;
    if (state === undefined) throw new DisorientedError('none');
    return fn(state, round);
  };
}
