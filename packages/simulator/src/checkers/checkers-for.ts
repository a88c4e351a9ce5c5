import type { Knowledge } from '../knowledge.ts';
import type { Checker, Complain } from '../observation.ts';
import type { SequentialModel } from '../sequential-model.ts';
import { AgreementChecker } from './agreement.ts';
import { ApplicationOrderChecker } from './application-order.ts';
import { DurabilityChecker } from './durability.ts';
import { HonestyChecker } from './honesty.ts';
import { IntegrityChecker } from './integrity.ts';
import { InvariantsChecker } from './invariants.ts';
import { LinearizabilityChecker } from './linearizability.ts';
import { MandateChecker } from './mandate.ts';
import { OneValueChecker } from './one-value.ts';
import { ParticipationChecker } from './participation.ts';
import { PromisesChecker } from './promises.ts';
import { QuorumChecker } from './quorum.ts';
import { StateEqualityChecker } from './state-equality.ts';

/** What the checkers are called. */
export const checkerNames: readonly string[] = [
  'invariants',
  'one value',
  'promises',
  'durability',
  'participation',
  'mandate',
  'quorum',
  'agreement',
  'integrity',
  'honesty',
  'order of application',
  'state equality',
  'linearizability',
];

/** All checkers of a run but those that are `unchecked`, in the order in which they see what happens. */
export function checkersFor(
  knowledge: Knowledge,
  models: readonly SequentialModel[],
  unchecked: readonly string[],
  complain: (checker: string, problem: string) => void,
): Checker[] {
  const as =
    (name: string): Complain =>
    (problem) =>
      complain(name, problem);
  const all = [
    new InvariantsChecker(as('invariants')),
    new OneValueChecker(knowledge, as('one value')),
    new PromisesChecker(knowledge, as('promises')),
    new DurabilityChecker(knowledge, as('durability')),
    new ParticipationChecker(knowledge, as('participation')),
    new MandateChecker(knowledge, as('mandate')),
    new QuorumChecker(knowledge, as('quorum')),
    new AgreementChecker(knowledge, as('agreement')),
    new IntegrityChecker(knowledge, as('integrity')),
    new HonestyChecker(knowledge, as('honesty')),
    new ApplicationOrderChecker(knowledge, as('order of application')),
    new StateEqualityChecker(knowledge, as('state equality')),
    new LinearizabilityChecker(knowledge, models, as('linearizability')),
  ];
  return all.filter(({ name }) => !unchecked.includes(name));
}
