import type { NodeId } from './numbers.ts';

/** A member as the state names it. `address` is for transports that need one, such as `tcp://10.0.0.1:7000` for ZeroMQ. */
export interface NodeInfo {
  readonly id: NodeId;
  readonly address?: string;
}
