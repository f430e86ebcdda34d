#!/usr/bin/env bash
# timezones-ical-library 2.3.2, read by ical.js 2.2.1: a zone has its newest rule for all time.
#
# Behaviour: in 2026 Morocco left +01 on 20 September, and British Columbia keeps -07 where it had -08 until March. The
#   library was released on 11 September 2026, and its VTIMEZONE of either zone has one rule, which begins in 1970. An
#   invitation for nine o'clock in Casablanca three days after that release names another hour than the zone database
#   has, and so does one for nine o'clock in Vancouver in the January before.
# Output: Africa/Casablanca: 1 rule from 1970, 2026-09-14 09:00 is 09:00Z, in the zone database 08:00Z
#         America/Vancouver: 1 rule from 1970, 2026-01-12 09:00 is 16:00Z, in the zone database 17:00Z
# A good engineer would have guessed: a library of current zone data writes the change of this year as two rules with
#   their dates, as RFC 5545 has it, so that a meeting on either side of it keeps its hour.
# Needs a Node with zone data of 2026c or later (24.22); seen on 24 and 26.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts timezones-ical-library@2.3.2 ical.js@2.2.1 >>npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import ICAL from 'ical.js'

const { tzlib_get_ical_block } = createRequire(import.meta.url)('timezones-ical-library')
const hour = date => `${date.toISOString().slice(11, 16)}Z`

/** Nine o'clock of that day, by the zone database of Node. */
function byNode(zone, day) {
  const asUtc = new Date(`${day}T09:00:00Z`)
  const offset = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(asUtc)
    .find(part => part.type === 'timeZoneName').value
  return hour(new Date(`${day}T09:00:00${offset.slice(3) || 'Z'}`))
}

const said = [
  ['Africa/Casablanca', '2026-09-14'],
  ['America/Vancouver', '2026-01-12'],
].map(([zone, day]) => {
  const [block] = tzlib_get_ical_block(zone)
  const event = `BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=${zone}:${day.replaceAll('-', '')}T090000\r\nEND:VEVENT`
  const calendar = new ICAL.Component(ICAL.parse(`BEGIN:VCALENDAR\r\n${block.trim()}\r\n${event}\r\nEND:VCALENDAR`))
  ICAL.TimezoneService.reset()
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent('vtimezone'))
  const start = calendar.getFirstSubcomponent('vevent').getFirstPropertyValue('dtstart')
  const rules = block.match(/BEGIN:(STANDARD|DAYLIGHT)/g).length
  const since = block.match(/DTSTART:(\d{4})/)[1]
  return `${zone}: ${rules} rule from ${since}, ${day} 09:00 is ${hour(start.toJSDate())}, in the zone database ${byNode(zone, day)}`
})
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Africa/Casablanca: 1 rule from 1970, 2026-09-14 09:00 is 09:00Z, in the zone database 08:00Z',
  'America/Vancouver: 1 rule from 1970, 2026-01-12 09:00 is 16:00Z, in the zone database 17:00Z',
])
JS
node probe.mjs
