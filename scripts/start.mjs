// `npm start`: builds everything, then opens the simulated Outlook.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

console.log('Building …')
const build = spawnSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url))], {
  stdio: 'inherit',
})
if (build.status !== 0) process.exit(build.status ?? 1)
await import('../dist/simulator/main.js')
