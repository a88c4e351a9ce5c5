/** One place in the log; an integer from 1 to `Number.MAX_SAFE_INTEGER`. The field also says slot or instance. */
export type RoundNum = number;

/** Consecutive rounds, both ends included. */
export interface RoundRange {
  readonly from: RoundNum;
  readonly to: RoundNum;
}

/** Names a node within its cluster: 1 to 255 bytes of UTF-8. */
export type NodeId = string;

/**
 * Names one unbroken memory of what a node promised: 32 lower-case hexadecimal digits.
 *
 * Durable storage keeps it over restarts; it is made anew whenever that memory is lost (rule P10).
 */
export type IncarnationId = string;

/**
 * Says who may propose (ballot, proposal number). Totally ordered by `counter`, then `node`, then `incarnation`; because it
 * carries the proposer's incarnation, no other node, and no other life of the same node, ever uses it
 * (Paxos Made Live, section 4.1).
 */
export interface CoordNum {
  readonly counter: number;
  readonly node: NodeId;
  readonly incarnation: IncarnationId;
}
