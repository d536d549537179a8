import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { shuffle: true },
    // A whole staging comes up in under two seconds here; 30 s means that something hangs on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['lambdas/**', 'lib/**'], reporter: ['text-summary'] },
  },
});
