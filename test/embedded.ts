import type { TestProject } from 'vitest/node'
import { emptyDatabase } from '../scripts/empty-database.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty embedded database, to be copied: making one takes seconds. */
    embeddedTemplate: string
  }
}

export default async function setup(project: TestProject) {
  project.provide('embeddedTemplate', await emptyDatabase())
}
