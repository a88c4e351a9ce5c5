import base from '../../ava.base.js';

// Each file runs three or more processes and mostly waits.
export default { ...base, files: ['test/faults/**/*.test.ts'], concurrency: 3 };
