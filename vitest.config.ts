import { defineConfig } from 'vitest/config'
import { table } from './test/e2e/long/table/reporter.ts'

/** Tests that take longer than a person waits for `npm test`. `npm run test:long` and CI run them. */
const long = ['test/e2e/long/**/*.test.ts']

/** Tests in a browser, as many files at a time as there are simulated worlds. */
const browser = (name: string, include: string[], exclude: string[]) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/postgres.ts', 'test/e2e/world.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser on a busy machine misses a deadline now and then; what fails again is broken, and traced.
    retry: 1,
  },
})

/** Everything but the browser runs in `node`; `e2e` and `long` build the product and open a simulated world for each worker. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', table],
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
