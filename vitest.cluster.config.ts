import { defineConfig } from 'vitest/config';

/** What needs a real control plane: `npm run test:cluster`. The rest is in `vitest.config.ts`. */
export default defineConfig({
  test: {
    sequence: { shuffle: true },
    // Namespaces of a real cluster take up to 20 s to end; 60 s means that something hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'control-plane',
          include: ['test/control-plane/*.test.ts'],
          globalSetup: ['test/control-plane/global-setup.ts'],
        },
      },
    ],
  },
});
