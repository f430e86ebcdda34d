import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { temporaryFolder } from '../../src/simulator/kit/temporary.ts'
import { openWorld, type World } from '../../src/simulator/world.ts'
import { browserForTests, type TestBrowser } from './browser.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker: a world's ledger and faults are for one test at a time. */
    worlds: TestWorld[]
    browser: TestBrowser
  }
}

export interface TestWorld extends Omit<World, 'closed'> {
  /** Where the service's embedded database lives. */
  dataDir: string
}

const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))

/** Builds the product and opens a world for each worker; the answer closes them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Vitest says `test`, and React's pages would be built for development.
  const env = { ...process.env, NODE_ENV: 'production' }
  const built = promisify(execFile)(process.execPath, [build], { env })
  const [browser] = await Promise.all([browserForTests(), built])
  const workers = Array.from({ length: project.vitest.config.maxWorkers })
  const opened = await Promise.all(workers.map(openOne))
  project.provide(
    'worlds',
    opened.map(({ world }) => world),
  )
  project.provide('browser', browser)
  return async () => void (await Promise.all(opened.map(({ close }) => close())))
}

async function openOne() {
  const closing = new AbortController()
  const data = temporaryFolder()
  // A file's tests are one person's requests, as many a minute as the machine can send.
  const settings = { CALLER_PER_MINUTE: '100000', ADDRESS_PER_MINUTE: '100000' }
  const options = { port: 'anywhere', dataDir: data.path, settings, say: () => {} } as const
  const { closed, ...world } = await openWorld(options, closing.signal)
  closed.catch((error: Error) => console.error(error.message))
  return {
    world: { ...world, dataDir: data.path },
    close() {
      closing.abort()
      return closed.finally(data.remove)
    },
  }
}
