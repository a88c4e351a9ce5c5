export { DivergedError } from './diverged-error.ts';
export type { Check } from './verifier.ts';
export { type Verify, verify } from './verify.ts';
export type { VerifyOptions } from './verify-options.ts';
