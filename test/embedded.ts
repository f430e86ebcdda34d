import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty embedded database, to be copied: making one takes seconds. */
    embeddedTemplate: string
  }
}

export default async function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-embedded-'))
  const template = join(folder, 'template')
  await (await PGlite.create(template)).close()
  project.provide('embeddedTemplate', template)
  return () => rmSync(folder, { recursive: true, force: true })
}
