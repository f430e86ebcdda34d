#!/usr/bin/env bash
# cldr-core 48.2.0: one Windows zone lists IANA zones whose clocks differ.
#
# Behaviour: windowsZones puts America/Scoresbysund under "Azores Standard Time". Since March 2024 it is an hour behind
#   the Azores. It puts Antarctica/Casey under "Central Pacific Standard Time", three hours ahead of Casey.
#   Translating an IANA zone to its Windows name, and that back, moves the meeting.
# Output: Azores Standard Time: America/Scoresbysund GMT-02:00, Atlantic/Azores GMT-01:00
#         Central Pacific Standard Time: Antarctica/Casey GMT+08:00, Pacific/Guadalcanal GMT+11:00
# A good engineer would have guessed: zones that share a Windows name share a clock today. That is what the name is for.
# Needs a Node with zone data of 2024 or later (20.12); seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts cldr-core@48.2.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const file = readFileSync('node_modules/cldr-core/supplemental/windowsZones.json', 'utf8')
const rows = JSON.parse(file).supplemental.windowsZones.mapTimezones.map(row => row.mapZone)
const offset = zone =>
  new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(Date.UTC(2025, 0, 15))
    .find(part => part.type === 'timeZoneName').value
const said = ['America/Scoresbysund', 'Antarctica/Casey'].map(zone => {
  const name = rows.find(row => row._type.split(' ').includes(zone))._other
  const main = rows.find(row => row._other === name && row._territory === '001')._type
  return `${name}: ${zone} ${offset(zone)}, ${main} ${offset(main)}`
})
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Azores Standard Time: America/Scoresbysund GMT-02:00, Atlantic/Azores GMT-01:00',
  'Central Pacific Standard Time: Antarctica/Casey GMT+08:00, Pacific/Guadalcanal GMT+11:00',
])
JS
node probe.mjs
