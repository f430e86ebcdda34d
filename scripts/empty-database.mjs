import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

/**
 * An empty embedded database, to be copied: `initdb` takes seconds, a copy does not. It is made once for each version
 * of PGlite. Returns its folder.
 */
export async function emptyDatabase() {
  const { version } = JSON.parse(readFileSync(join(modules, '@electric-sql/pglite/package.json'), 'utf8'))
  const folder = join(modules, `.cache/zoom-for-outlook/database-${version}`)
  if (existsSync(folder)) return folder
  const making = `${folder}-${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  await (await PGlite.create(making)).close()
  try {
    renameSync(making, folder)
  } catch (error) {
    // Another process was faster.
    rmSync(making, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}
