// Builds everything into dist/: the add-in's pages, the service with an empty embedded database, the simulator.
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createBuilder } from 'vite'
import { emptyDatabase } from './empty-database.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
try {
  const builder = await createBuilder({ logLevel: 'warn' })
  await builder.buildApp()
  cpSync(await emptyDatabase(), 'dist/service/empty-database', { recursive: true })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
