export type { LinkFaults } from './link-faults.ts';
export { type MemoryLink, type MemoryNetwork, type MemoryNetworkOptions, memoryNetwork } from './memory-network.ts';
export { type VolatileStorageOptions, volatileStorage } from './volatile-storage.ts';
