#!/usr/bin/env bash
# ical.js 2.2.1 and node-ical 0.27.2 each read one kind of DURATION wrongly when the clocks change.
#
# Behaviour: RFC 5545 has two kinds of duration. P1D is a day of the calendar: from noon to noon, 25 hours in this case.
#   PT2H is two hours of elapsed time. ical.js adds both to the local time: the two hours last three.
#   node-ical takes 24 hours for a day: what should end at noon ends at 11.
# Output: P1D from noon:   ical.js 25 hours, node-ical 24 hours
#         PT2H from 01:30: ical.js 3 hours, node-ical 2 hours
# A good engineer would have guessed: a meeting of two hours is over after two hours, and a day ends at the same time of day.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  ical.js@2.2.1 node-ical@0.27.2 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'

const change = (kind, from, to, start, month) => [
  `BEGIN:${kind}`, `DTSTART:${start}`, `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`,
  `RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=${month}`, `END:${kind}`,
]
const file = (start, duration) =>
  [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN', 'BEGIN:VTIMEZONE', 'TZID:Europe/Berlin',
    ...change('STANDARD', '+0200', '+0100', '19701025T030000', 10),
    ...change('DAYLIGHT', '+0100', '+0200', '19700329T020000', 3),
    'END:VTIMEZONE', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z',
    `DTSTART;TZID=Europe/Berlin:${start}`, `DURATION:${duration}`, 'END:VEVENT', 'END:VCALENDAR', '',
  ].join('\r\n')
const hours = (start, end) => (end - start) / 3_600_000
const withIcalJs = text => {
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent'))
  return hours(event.startDate.toJSDate(), event.endDate.toJSDate())
}
const withNodeIcal = text => {
  const event = Object.values(nodeIcal.sync.parseICS(text)).find(part => part.type === 'VEVENT')
  return hours(event.start, event.end)
}
const say = text => `ical.js ${withIcalJs(text)} hours, node-ical ${withNodeIcal(text)} hours`
const said = [
  `P1D from noon:   ${say(file('20261024T120000', 'P1D'))}`,
  `PT2H from 01:30: ${say(file('20261025T013000', 'PT2H'))}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'P1D from noon:   ical.js 25 hours, node-ical 24 hours',
  'PT2H from 01:30: ical.js 3 hours, node-ical 2 hours',
])
JS
TZ=UTC node probe.mjs
