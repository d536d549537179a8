import { defineConfig } from 'vitest/config';

/** What stands on the table, against a DynamoDB other than dynalite. */
export default defineConfig({
  test: {
    include: ['test/lambdas/stores/*.test.ts', 'test/end-to-end/*.test.ts'],
    globalSetup: ['test/support/temporary-folder.ts', 'test/second-dynamodb/global-setup.ts'],
    sequence: { shuffle: true },
    // As in vitest.config.ts: 30 s means that something hangs.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
