// The AVA configuration that all packages share. AVA runs the JavaScript that `tsc` compiled to `build/`.
export default {
  files: ['test/**/*.test.ts', '!test/faults/**'],
  typescript: { rewritePaths: { 'src/': 'build/src/', 'test/': 'build/test/' }, compile: false },
  // Processes, not threads: signals, exit codes and native add-ons behave as they do in production.
  workerThreads: false,
  // Ends a run that hangs. Tests bound their own waits, so no machine is slow enough to reach this limit.
  timeout: '10m',
};
