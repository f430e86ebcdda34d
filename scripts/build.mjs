// Builds everything into dist/: the add-in's pages, the service, the simulator.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createBuilder } from 'vite'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
try {
  const builder = await createBuilder({ logLevel: 'warn' })
  await builder.buildApp()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
