export type { Autofill, AutofillOptions } from './autofill.ts';
export { autofill } from './autofill.ts';
export type { StateOption } from './state-option.ts';
