#!/usr/bin/env bash
# ts2gas 4.2.0: a function of a Google Apps Script no longer finds a constant of its own file once the constant is exported.
#
# Behaviour: ts2gas lets TypeScript write CommonJS, where an exported constant lives in `exports` alone, and then puts the
#   plain names back wherever the file uses them, because functions and classes have them. `const` and `let` do not: the
#   script is written to Google without a warning, and each call of the function ends in a ReferenceError.
# Output: exported const: ReferenceError: NAME is not defined
#         exported let: ReferenceError: count is not defined
#         const that is not exported: Zoom
#         exported arrow function: Zoom
#         exported enum: Zoom
# A good engineer would have guessed: all five say Zoom.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ts2gas@4.2.0 >npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { createContext, runInContext } = require('node:vm')
const { default: ts2gas } = require('ts2gas')

// Google runs all files of a script in one scope without modules.
const run = source => {
  const script = createContext({})
  runInContext(ts2gas(source), script)
  try {
    return runInContext('title()', script)
  } catch (error) {
    return `${error.name}: ${error.message}`
  }
}

const said = Object.entries({
  'exported const': 'export const NAME: string = "Zoom"\nexport function title() { return NAME }',
  'exported let': 'export let count = 0\nexport function title() { count++; return "Zoom" }',
  'const that is not exported': 'const NAME: string = "Zoom"\nexport function title() { return NAME }',
  'exported arrow function': 'export const name = () => "Zoom"\nexport function title() { return name() }',
  'exported enum': 'export enum Names { a = "Zoom" }\nexport function title() { return Names.a }',
}).map(([what, source]) => `${what}: ${run(source)}`)
console.log(said.join('\n'))
assert.deepEqual(said, [
  'exported const: ReferenceError: NAME is not defined',
  'exported let: ReferenceError: count is not defined',
  'const that is not exported: Zoom',
  'exported arrow function: Zoom',
  'exported enum: Zoom',
])
JS
node probe.cjs
