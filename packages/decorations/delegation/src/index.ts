export { type Delegation, type DelegationNeeds, delegation } from './delegation.ts';
export type { DelegateeContext, DelegationOptions } from './delegation-options.ts';
export { NoAnswerError } from './no-answer-error.ts';
