export type { Autofill, AutofillOptions } from './autofill.ts';
export { autofill } from './autofill.ts';
