#!/usr/bin/env bash
# windows-iana 5.1.0 has no Windows name for Europe/Kyiv, and no IANA zone for two names that Office.js 1.1.110 lists.
#
# Behaviour: the renamed Asia/Kolkata is found. The renamed Europe/Kyiv gives an empty list; only Europe/Kiev is found.
#   Outlook's own list of zones has "Kamchatka Standard Time" and "Mid-Atlantic Standard Time": both give an empty list.
#   CLDR, from which the library is made, has no row for the two.
# Output: Asia/Kolkata: India Standard Time
#         Europe/Kiev: FLE Standard Time
#         Europe/Kyiv: nothing
#         Kamchatka Standard Time: listed by Outlook, nothing
#         Mid-Atlantic Standard Time: listed by Outlook, nothing
# A good engineer would have guessed: a converter knows the current name of a zone, and every name that Outlook lists.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts windows-iana@5.1.0 @microsoft/office-js@1.1.110 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { findIana, findWindows } from 'windows-iana'

const outlook = readFileSync('node_modules/@microsoft/office-js/dist/outlook-web-16.01.debug.js', 'utf8')
const said = [
  ...['Asia/Kolkata', 'Europe/Kiev', 'Europe/Kyiv'].map(zone => `${zone}: ${findWindows(zone).join(', ') || 'nothing'}`),
  ...['Kamchatka Standard Time', 'Mid-Atlantic Standard Time'].map(name => {
    const listed = outlook.includes(`StandardTime: "${name}"`) ? 'listed by Outlook' : 'not listed'
    return `${name}: ${listed}, ${findIana(name).join(', ') || 'nothing'}`
  }),
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Asia/Kolkata: India Standard Time',
  'Europe/Kiev: FLE Standard Time',
  'Europe/Kyiv: nothing',
  'Kamchatka Standard Time: listed by Outlook, nothing',
  'Mid-Atlantic Standard Time: listed by Outlook, nothing',
])
JS
node probe.mjs
