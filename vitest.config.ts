import { defineConfig } from 'vitest/config';

/** Whole systems at work: servers, hosts, processes. */
const whole = ['test/contract/**', 'test/end-to-end/**'];

export default defineConfig({
  test: {
    globalSetup: './test/support/temporary-folder.ts',
    sequence: { shuffle: true },
    // A whole staging comes up in under two seconds here; 30 s means that something hangs on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What takes a moment may take some seconds there; a second is what is polled for otherwise.
    expect: { poll: { timeout: 20_000 } },
    // Two processors are one worker otherwise, and tests wait more than they work.
    maxWorkers: 2,
    // Tests of a cluster wait most of the time, each for its own pods.
    maxConcurrency: 20,
    coverage: { provider: 'v8', include: ['lambdas/**/*.ts', 'lib/**/*.ts'], reporter: ['text-summary'] },
    projects: [
      {
        extends: true,
        // The longest first, so that no processor idles at the end.
        test: {
          name: 'whole',
          include: whole.map((folder) => `${folder}/*.test.ts`),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...whole, 'test/control-plane/**', 'test/rights/**'],
          sequence: { groupOrder: 1 },
          // Importing took as long as testing. Files share the modules of their worker, so none may mock a module or keep
          // anything in one: what a test replaces is an argument.
          isolate: false,
        },
      },
    ],
  },
});
