import { defineConfig } from 'vitest/config'

/** What takes longer than a person waits for `npm test`: `npm run test:long`, and CI, run it. */
const long = ['calendar', 'clients', 'identity', 'mailboxes', 'processes', 'send'].map(
  (name) => `test/e2e/${name}.test.ts`,
)

/** Tests in one simulated world, one after the other: its ledger and its faults are everybody's. */
const browser = (name: string, include: string[], exclude: string[]) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/postgres.ts', 'test/e2e/world.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser on a busy machine misses a deadline now and then; what fails twice more is broken.
    retry: 2,
  },
})

/** Everything but the browser runs in `node`; `e2e` and `long` build the product and start one simulated world each. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          globalSetup: ['test/postgres.ts', 'test/embedded.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      browser('e2e', ['test/e2e/**/*.test.ts'], long),
      browser('long', long, []),
    ],
  },
})
