import { type AnyLogEntry, type Decoration, defineDecoration, type PaxakosEvent } from '@paxakos/core';

const noted = [
  'init',
  'statusChange',
  'install',
  'eject',
  'stranded',
  'apply',
  'gaps',
  'directive',
  'hookError',
  'failure',
] as const;

/** Notes the events of a node: as a decoration, so that nothing is missed that happens while the node starts. */
export function noteEvents<E extends AnyLogEntry>(events: PaxakosEvent<E>[]): Decoration<'watching', object> {
  return defineDecoration()({
    name: 'watching',
    install: ({ onEvent }) => {
      for (const type of noted) onEvent(type, (event) => events.push(event as PaxakosEvent<E>));
      return {};
    },
  });
}
