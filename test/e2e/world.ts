import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { temporaryFolder } from '../../src/simulator/temporary.ts'
import { openWorld, type World } from '../../src/simulator/world.ts'
import { browserForTests, type TestBrowser } from './browser.ts'

declare module 'vitest' {
  interface ProvidedContext {
    world: Omit<World, 'closed'>
    browser: TestBrowser
  }
}

const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))

/** Builds the product and opens one world for all end-to-end tests; the answer closes it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [browser] = await Promise.all([browserForTests(), promisify(execFile)(process.execPath, [build])])
  const closing = new AbortController()
  const data = temporaryFolder()
  const options = { port: 'anywhere', dataDir: data.path, say: () => {} } as const
  const { closed, ...world } = await openWorld(options, closing.signal)
  closed.catch((error: Error) => console.error(error.message))
  project.provide('world', world)
  project.provide('browser', browser)
  return async () => {
    closing.abort()
    await closed.finally(data.remove)
  }
}
