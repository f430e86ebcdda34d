import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { markdown } from './markdown.ts'

const readme = new URL('../../../../README.md', import.meta.url)

/** Between these the README has what the last run of the whole table found. */
const place = /(?<=<!-- journeys -->\n).*(?=<!-- \/journeys -->)/s

/** Writes the table into the README once every client has walked with every mailbox; CI only compares. */
export const table: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const found = markdown(tests.flatMap((test) => test.meta().column ?? []))
    const before = readFileSync(readme, 'utf8')
    if (!found || before.match(place)?.[0] === found) return
    if (process.env.CI) {
      console.error(
        `README.md says otherwise than this run. Run npm run test:long and commit it.\n\n${found}`,
      )
      process.exitCode = 1
    } else
      writeFileSync(
        readme,
        before.replace(place, () => found),
      )
  },
}
