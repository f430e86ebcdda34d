// `npm run bench`: builds everything, then measures it. Figures stand beside their targets and are never asserted.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await runnerImport('./bench/main.ts', { configFile: false, logLevel: 'warn' })
