import { defineConfig } from 'vitest/config'
import { table } from './test/e2e/table/reporter.ts'

/** Tests that take longer than a person waits for `npm test`. `npm run test:long` and CI run them. */
const long = ['test/e2e/table/*.test.ts', 'test/e2e/long/**/*.test.ts', 'test/service/*/long/*.test.ts']

/** Milliseconds after which something is broken, however busy the machine is. */
const patience = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
  retry: 0,
}

/** Tests in a browser, as many files at a time as there are simulated worlds. */
const browser = (name: string, include: string[], exclude: string[]) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/postgres.ts', 'test/embedded.ts', 'test/e2e/world.ts'],
    ...patience,
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
          exclude: ['test/e2e/**', ...long],
          // The files of one worker share the modules that they import, which saves half of the time.
          isolate: false,
          globalSetup: ['test/postgres.ts', 'test/embedded.ts'],
          ...patience,
        },
      },
      browser('e2e', ['test/e2e/**/*.test.ts'], long),
      browser('long', long, []),
    ],
  },
})
