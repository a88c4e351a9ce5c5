import { type AuthenticatedTransport, authenticated, newKey } from '@paxakos/authenticated';
import { memoryNetwork } from '@paxakos/core/memory';

// Made once for the cluster, and given to each node as a secret.
const key = process.env.CLUSTER_KEY ?? newKey();

// Any transport: the rest of the program takes this one in its place.
const network = memoryNetwork();
export const transport: AuthenticatedTransport = authenticated(network.transport('a'), { key });

// While the key is changed: the first seals, each opens.
const next = newKey();
export const changing: AuthenticatedTransport = authenticated(network.transport('b'), { keys: [key, next] });
