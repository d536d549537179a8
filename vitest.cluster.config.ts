import { defineConfig } from 'vitest/config';

/** What needs a real control plane: `npm run test:cluster`. The rest is in `vitest.config.ts`. */
export default defineConfig({
  test: {
    sequence: { shuffle: true },
    // Namespaces of a real cluster take up to 20 s to end; 60 s means that something hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What takes a moment may take some seconds there; a second is what is polled for otherwise.
    expect: { poll: { timeout: 20_000 } },
    // Tests of a cluster wait most of the time, each for its own pods.
    maxConcurrency: 20,
    projects: [
      {
        extends: true,
        test: {
          name: 'cluster',
          include: [
            'test/control-plane/*.test.ts',
            'test/contract/*.test.ts',
            'test/end-to-end/{life-of-a-staging,time}.test.ts',
          ],
          globalSetup: ['test/control-plane/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'rights', include: ['test/rights/*.test.ts'], globalSetup: ['test/rights/global-setup.ts'] },
      },
    ],
  },
});
