export default { files: ['test/**/*.test.mjs'], workerThreads: false, timeout: '120s' };
