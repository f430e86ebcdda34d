#!/usr/bin/env bash
# calendar-link 2.11.5 writes an all-day event that ical.js 2.2.1 opens, and whose start it then refuses.
#
# Behaviour: the writer puts a date where RFC 5545 expects a time, without VALUE=DATE, and marks the day only with properties
#   of Microsoft's own. ical.js parses the file, and says "invalid date-time value" when it is asked for the start: there, not
#   while it parses, so a reader that guards only the parsing fails later. node-ical takes the same start for a day.
# Output: written: DTSTART:20261201, X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
#         ical.js: parsed, "Day off", invalid date-time value: "2026-12-01T::"
#         node-ical: date
# A good engineer would have guessed: DTSTART;VALUE=DATE:20261201 is written, and each reader has a day.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  calendar-link@2.11.5 ical.js@2.2.1 node-ical@0.27.2 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { ics } from 'calendar-link'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'

const link = ics({ title: 'Day off', start: '2026-12-01', end: '2026-12-02', allDay: true })
const file = decodeURIComponent(link.slice(link.indexOf(',') + 1))
const written = file.match(/^(DTSTART|X-MICROSOFT-CDO).*$/gm).map(line => line.trim())

const event = new ICAL.Event(new ICAL.Component(ICAL.parse(file)).getFirstSubcomponent('vevent'))
const readStart = () => {
  try {
    return String(event.startDate)
  } catch (error) {
    return error.message
  }
}
const other = Object.values(nodeIcal.sync.parseICS(file)).find(({ type }) => type === 'VEVENT')
const said = [
  `written: ${written.join(', ')}`,
  `ical.js: parsed, "${event.summary}", ${readStart()}`,
  `node-ical: ${other.datetype}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'written: DTSTART:20261201, X-MICROSOFT-CDO-ALLDAYEVENT:TRUE',
  'ical.js: parsed, "Day off", invalid date-time value: "2026-12-01T::"',
  'node-ical: date',
])
JS
node probe.mjs
