// Builds everything into dist/: the add-in's pages, the service with an empty embedded database, the simulator.
import { cpSync, rmSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { createBuilder } from 'vite'
import { emptyDatabase } from './empty-database.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
try {
  const builder = await createBuilder({ logLevel: 'warn' })
  await builder.buildApp()
  await compressPages()
  cpSync(await emptyDatabase(), 'dist/service/empty-database', { recursive: true })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

/** Beside each file of the pages, the same in the forms that browsers ask for. */
async function compressPages() {
  const files = await readdir('dist', { recursive: true })
  const compressed = files.filter((file) => /^(addin|console|upcoming|room)\b.*\.(js|css|html)$/.test(file))
  await Promise.all(
    compressed.map(async (file) => {
      const whole = await readFile(`dist/${file}`)
      await writeFile(`dist/${file}.br`, await promisify(brotliCompress)(whole))
      await writeFile(`dist/${file}.gz`, await promisify(gzip)(whole, { level: 9 }))
    }),
  )
}
