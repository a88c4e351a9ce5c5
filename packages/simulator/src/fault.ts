import type { Weather } from './simulated-network.ts';

/** Something that is done to a cluster. Times are in milliseconds of the world. */
export type Fault = { readonly at: number } & (
  | { readonly kind: 'weather'; readonly forMs: number; readonly weather: Weather }
  /** Cuts these ways, each in one direction. */
  | { readonly kind: 'cut'; readonly forMs: number; readonly ways: readonly (readonly [string, string])[] }
  | { readonly kind: 'pause'; readonly node: string; readonly forMs: number }
  /** The process is killed, or the machine loses power; `afterChanges`: in the middle of that many changes to its disk. */
  | {
      readonly kind: 'crash';
      readonly node: string;
      readonly downMs: number;
      readonly isPowerCut: boolean;
      readonly afterChanges: number;
    }
  /** Every node loses power. */
  | { readonly kind: 'blackout'; readonly downMs: number }
  /** The node crashes, and all that it kept is gone. */
  | { readonly kind: 'forget'; readonly node: string; readonly downMs: number }
  /** The node is stopped as it should be, and comes back. */
  | { readonly kind: 'stop'; readonly node: string; readonly downMs: number }
  | { readonly kind: 'admit' | 'dismiss'; readonly node: string }
  | { readonly kind: 'window'; readonly concurrency: number }
  | { readonly kind: 'snapshot'; readonly from: string; readonly to: string }
  | { readonly kind: 'eject'; readonly node: string }
  | { readonly kind: 'clockRate'; readonly node: string; readonly rate: number }
  | { readonly kind: 'clockJump'; readonly node: string; readonly aheadMs: number }
  | { readonly kind: 'diskFull' | 'diskHung'; readonly node: string; readonly forMs: number }
  | { readonly kind: 'diskSlow'; readonly node: string; readonly forMs: number; readonly slowness: number }
  | { readonly kind: 'failSync' | 'failWrite' | 'flip'; readonly node: string }
  /** Frames of former times arrive once more. */
  | { readonly kind: 'replay'; readonly count: number }
  /** The node's application votes against a share of what it is asked. */
  | { readonly kind: 'dissent'; readonly node: string; readonly forMs: number; readonly share: number }
);

/** A fault in words. */
export function describeFault(fault: Fault): string {
  const details = Object.entries(fault)
    .filter(([name]) => name !== 'at' && name !== 'kind')
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${fault.kind} ${details.join(', ')}`.trim();
}
