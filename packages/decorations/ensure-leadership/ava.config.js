export default { files: ['build/test/**/*.test.js'], workerThreads: false, timeout: '60s' };
