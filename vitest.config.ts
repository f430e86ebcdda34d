import { defineConfig } from 'vitest/config'
import { table } from './test/e2e/table/reporter.ts'

/** Tests that take longer than a person waits for `npm test`. `npm run test:long` and CI run them. */
const long = [
  'test/e2e/table/*.test.ts',
  'test/e2e/wide/*.test.ts',
  'test/e2e/long/**/*.test.ts',
  'test/service/*/long/*.test.ts',
]

/** Tests of several processes, and long ones: CI runs them, and `npm test` does not. */
const wide = ['test/service/*/wide/*.test.ts']

/** Milliseconds after which something is broken, however busy the machine is. */
const patience = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
  retry: 0,
}

/** What CI tries: both databases, and every case of a family of similar ones. */
const inCi = { env: { TESTS: 'wide' } }

/** Tests without a browser. The files of one worker share the modules that they import, which saves half of the time. */
const node = (name: string, exclude: string[], more: object = {}) => ({
  test: {
    name,
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', ...long, ...exclude],
    isolate: false,
    globalSetup: ['test/postgres.ts', 'test/embedded.ts'],
    ...patience,
    ...more,
  },
})

/** Tests in a browser, as many files at a time as there are simulated worlds. */
const browser = (name: string, include: string[], exclude: string[], more: object = {}) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/postgres.ts', 'test/embedded.ts', 'test/e2e/world.ts'],
    ...patience,
    ...more,
  },
})

/** `node` and `e2e` are `npm test`, `wide` is nearly all of `node`, and more, `nightly` is 1,000 histories of calendars, `pictures` shows every state of every page. `e2e`, `long` and `pictures` open a simulated world for each worker. */
export default defineConfig({
  test: {
    // More than the two processors of a small machine: many tests wait, for processes and for retries.
    maxWorkers: 3,
    reporters: ['default', table],
    projects: [
      node('node', wide),
      // The histories are the same there.
      node('wide', ['test/service/sync/histories.test.ts'], inCi),
      node('nightly', [], {
        env: { TESTS: 'wide', HISTORIES: process.env.HISTORIES ?? '1000' },
        include: ['test/service/sync/**/*histories.test.ts'],
      }),
      browser('e2e', ['test/e2e/**/*.test.ts'], long),
      browser('long', long, [], inCi),
      browser('pictures', ['test/e2e/long/states.test.ts'], [], { env: { PICTURES: 'en ar de' } }),
    ],
  },
})
