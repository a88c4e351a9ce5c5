/**
 * Calls back when everything that has been promised so far is settled: in a later turn of the event loop. The one thing that
 * the simulator needs of its surroundings, and no measure of time: what happens does not depend on when that is.
 */
export const eventLoopTurn: (callback: () => void) => void = (callback) => void setImmediate(callback);
