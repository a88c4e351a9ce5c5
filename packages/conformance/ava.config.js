// The tests mostly wait.
export default { files: ['build/test/**/*.test.js'], workerThreads: false, timeout: '60s', concurrency: 3 };
