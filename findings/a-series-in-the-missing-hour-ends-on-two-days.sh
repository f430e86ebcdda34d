#!/usr/bin/env bash
# rrule 2.8.1 and ical.js 2.2.1 count an occurrence in the missing hour; rrule-temporal 2.2.8 and node-ical 0.27.2 do not.
#
# Behaviour: daily at 02:30 in Berlin, four times, from 28 March 2026. On the 29th there is no 02:30. Two libraries move
#   it to 03:30 and end on the 31st. Two leave the day out and end on 1 April, with other dates all through the series.
# Output: rrule:          28 29 30 31
#         ical.js:        28 29 30 31
#         rrule-temporal: 28 30 31 1
#         node-ical:      28 30 31 1
# A good engineer would have guessed: four libraries for one standard agree on the dates of a plain daily series.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  rrule@2.8.1 ical.js@2.2.1 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 node-ical@0.27.2 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import rrule from 'rrule'
import { RRuleTemporal } from 'rrule-temporal'

const series = 'DTSTART;TZID=Europe/Berlin:20260328T023000\r\nRRULE:FREQ=DAILY;COUNT=4'
const change = (kind, from, to, start, month) =>
  `BEGIN:${kind}\r\nDTSTART:${start}\r\nTZOFFSETFROM:${from}\r\nTZOFFSETTO:${to}\r\n` +
  `RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=${month}\r\nEND:${kind}\r\n`
const file =
  'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n' +
  change('STANDARD', '+0200', '+0100', '19701025T030000', 10) +
  change('DAYLIGHT', '+0100', '+0200', '19700329T020000', 3) +
  `END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n${series}\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`

function* withIcalJs() {
  const occurrences = new ICAL.Event(new ICAL.Component(ICAL.parse(file)).getFirstSubcomponent('vevent')).iterator()
  for (let next = occurrences.next(); next; next = occurrences.next()) yield next.toJSDate()
}
const event = Object.values(nodeIcal.sync.parseICS(file)).find(part => part.type === 'VEVENT')
const range = { from: new Date('2026-03-01'), to: new Date('2026-05-01') }
const instants = {
  rrule: rrule.rrulestr(series.replace('\r', '')).all(),
  'ical.js': [...withIcalJs()],
  'rrule-temporal': new RRuleTemporal({ rruleString: series.replace('\r', '') }).all().map(at => at.epochMilliseconds),
  'node-ical': nodeIcal.expandRecurringEvent(event, range).map(found => found.start),
}
const inBerlin = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', day: 'numeric' })
const days = Object.fromEntries(Object.entries(instants).map(([name, all]) => [name, all.map(at => inBerlin.format(at)).join(' ')]))
for (const [name, found] of Object.entries(days)) console.log(`${`${name}:`.padEnd(16)}${found}`)
assert.deepEqual(days, {
  rrule: '28 29 30 31',
  'ical.js': '28 29 30 31',
  'rrule-temporal': '28 30 31 1',
  'node-ical': '28 30 31 1',
})
JS
TZ=UTC node probe.mjs
