#!/usr/bin/env node
// `npx zoom-for-outlook …`: what an administrator does by command, and the programs of people, on the Node that the service
// runs on.
// An old Node reads this file: no new syntax, and no imports but Node's.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const isCompanion = process.argv[2] === 'companion'
const built = isCompanion ? 'companion/main.js' : 'service/command.js'
const program = fileURLToPath(new URL(`../dist/${built}`, import.meta.url))
if (existsSync(program)) {
  if (isCompanion) process.argv.splice(2, 1)
  process.argv.splice(2, 0, program)
  import('./run.mjs')
} else {
  console.error('It is not built yet. Run "npm run build" first.')
  process.exitCode = 2
}
