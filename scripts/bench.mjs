// `npm run bench`: builds everything, then measures it. Numbers are shown beside their targets, never asserted.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

for (const program of [['scripts/build.mjs'], ['bench/run.mjs', 'bench/main.ts']]) {
  const { status } = spawnSync(process.execPath, program, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
