export { faults as default } from '../../ava.base.js';
