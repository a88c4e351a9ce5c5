// The AVA configuration that all packages share. AVA runs the JavaScript that `tsc` compiled to `build/`.
const base = {
  files: ['test/**/*.test.ts', '!test/faults/**'],
  typescript: { rewritePaths: { 'src/': 'build/src/', 'test/': 'build/test/' }, compile: false },
  // Processes, not threads: signals, exit codes and native add-ons behave as they do in production.
  workerThreads: false,
  // A larger young generation saves a tenth of the processor time of simulated clusters.
  nodeArguments: ['--max-semi-space-size=32'],
  // Ends a run that hangs. Tests bound their own waits, so no machine is slow enough to reach this limit.
  timeout: '10m',
};

export default base;

/** The second tier: long fault scenarios. Most of these tests wait for brokers and processes. */
export const faults = { ...base, files: ['test/faults/**/*.test.ts'], concurrency: 3 };
