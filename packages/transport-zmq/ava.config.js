const isLong = (path) => Number(/conformance|wrapped/.test(path));

// The tests mostly wait.
export default {
  files: ['build/test/**/*.test.js'],
  workerThreads: false,
  timeout: '60s',
  concurrency: 2,
  sortTestFiles: (a, b) => isLong(b) - isLong(a),
};
