import base from '../ava.base.js';

export default { files: ['test/**/*.test.mjs'], workerThreads: base.workerThreads, timeout: base.timeout };
