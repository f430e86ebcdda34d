#!/usr/bin/env bash
# @types/office-js 1.0.612 declares Office.MailboxEnums.RecurrenceTimeZone; @microsoft/office-js 1.1.110 has none.
#
# Behaviour: the program's enumeration of zones is called TimeZone, and eleven of its keys are spelled differently:
#   WEuropeStandardTime where the types say W_EuropeStandardTime. Code that compiles reads a property of undefined.
# Output: tsc: no error
#         Office.js: no RecurrenceTimeZone; TimeZone.W_EuropeStandardTime missing; TimeZone.WEuropeStandardTime "W. Europe Standard Time"
# A good engineer would have guessed: an enumeration that Microsoft documents and types exists under that name.
# Needs Node 20 or later; seen on 20 and 24. The enumerations are run from the readable file of the package.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @microsoft/office-js@1.1.110 @types/office-js@1.0.612 typescript@5.9.3 >npm.log
cat >uses.ts <<'TS'
export const zone: string = Office.MailboxEnums.RecurrenceTimeZone.W_EuropeStandardTime
TS
npx --no-install tsc --noEmit --strict --skipLibCheck --types office-js --target es2022 --moduleResolution bundler --module esnext uses.ts
echo 'tsc: no error'
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'

const folder = 'node_modules/@microsoft/office-js/dist/'
const web = readFileSync(`${folder}outlook-web-16.01.debug.js`, 'utf8')
const start = web.indexOf('var MailboxEnums = {};')
const enums = runInNewContext(`${web.slice(start, web.indexOf('// CONCATENATED MODULE', start))}; MailboxEnums`)
assert.equal(enums.RecurrenceTimeZone, undefined)
assert.equal(enums.TimeZone.W_EuropeStandardTime, undefined)
assert.equal(enums.TimeZone.WEuropeStandardTime, 'W. Europe Standard Time')
for (const file of readdirSync(folder).filter(name => /^outlook.*\.js$/.test(name)))
  assert.doesNotMatch(readFileSync(folder + file, 'utf8'), /MailboxEnums\.RecurrenceTimeZone\b/, file)

const types = readFileSync('node_modules/@types/office-js/index.d.ts', 'utf8')
const declared = types.slice(types.indexOf('enum RecurrenceTimeZone {'))
const keys = [...declared.slice(0, declared.indexOf('}')).matchAll(/^\s*(\w+) = "/gm)].map(match => match[1])
const missing = keys.filter(key => !(key in enums.TimeZone))
console.log(`Office.js: no RecurrenceTimeZone; TimeZone.W_EuropeStandardTime missing; TimeZone.WEuropeStandardTime "${enums.TimeZone.WEuropeStandardTime}"`)
assert.equal(missing.length, 11, missing.join())
JS
node probe.mjs
