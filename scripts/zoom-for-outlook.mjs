#!/usr/bin/env node
// `npx zoom-for-outlook …`: what an administrator does by command, on the Node that the service runs on.
// An old Node reads this file: no new syntax, and no imports but Node's.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../dist/service/command.js', import.meta.url))
if (existsSync(program)) {
  process.argv.splice(2, 0, program)
  import('./run.mjs')
} else {
  console.error('The service is not built yet. Run "npm run build" first.')
  process.exitCode = 2
}
