#!/usr/bin/env node
// `npx zoom-for-outlook …`: what an administrator does by command, and the programs of people, on the Node that the service
// runs on.
// An old Node reads this file: no new syntax, and no imports but Node's.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** Programs by their first word. Any other word is for the administrators' command. */
const programs = { upcoming: 'app/upcoming.js', companion: 'companion/main.js' }
const word = process.argv[2] || ''
const isNamed = Object.keys(programs).includes(word)
const path = isNamed ? programs[word] : 'service/command.js'
const program = fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
if (existsSync(program)) {
  process.argv.splice(2, isNamed ? 1 : 0, program)
  import('./run.mjs')
} else {
  console.error('It is not built yet. Run "npm run build" first.')
  process.exitCode = 2
}
