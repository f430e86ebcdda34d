import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { markdown } from './markdown.ts'

/** The pages that show a table, and which one. */
const pages = { 'docs/what-works-where.md': 'whole', 'README.md': 'short' } as const

/** Between these marks a page has what the last run of the whole table found. */
const place = /(?<=<!-- journeys -->\n).*(?=<!-- \/journeys -->)/s

/** Writes the tables once every client has walked with every mailbox. CI compares them and writes nothing. */
export const table: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const found = markdown(tests.flatMap((test) => test.meta().column ?? []))
    if (!found) return
    for (const [page, which] of Object.entries(pages)) show(page, found[which])
  },
}

function show(page: string, text: string): void {
  const file = new URL(`../../../${page}`, import.meta.url)
  const before = readFileSync(file, 'utf8')
  if (before.match(place)?.[0] === text) return
  if (process.env.CI) {
    console.error(`${page} differs from this run. Run npm run test:long and commit the page.\n\n${text}`)
    process.exitCode = 1
  } else
    writeFileSync(
      file,
      before.replace(place, () => text),
    )
}
