#!/usr/bin/env bash
# ts-ics 2.4.6: the last day of a month comes a day early, and the last Friday at midnight.
#
# Behaviour: BYMONTHDAY=-1 gives the day before the last. BYDAY=-1FR gives the right day and loses the time of day.
#   "The first working day of the month" gives three days in one week, all at midnight.
#   A plain BYMONTHDAY=15 is right.
# Output: 15th:              01-15T10:00 02-15T10:00 03-15T10:00
#         last day:          01-30T10:00 02-27T10:00 03-30T10:00
#         last Friday:       01-30T00:00 02-27T00:00 03-27T00:00
#         first working day: 01-06T00:00 01-07T00:00 01-08T00:00
# A good engineer would have guessed: 31 January, 28 February, 31 March, and each occurrence at 10:00.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ts-ics@2.4.6 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { convertIcsCalendar, extendByRecurrenceRule } from 'ts-ics'

const occurrences = rule => {
  const file = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN',
    'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z', 'SUMMARY:Review', 'DTSTART:20260105T100000Z', 'DURATION:PT1H',
    `RRULE:FREQ=MONTHLY;${rule};COUNT=3`, 'END:VEVENT', 'END:VCALENDAR', '',
  ].join('\r\n')
  const [{ recurrenceRule, start }] = convertIcsCalendar(undefined, file).events
  const dates = extendByRecurrenceRule(recurrenceRule, { start: start.date, end: new Date('2027-01-01') })
  return dates.map(date => date.toISOString().slice(5, 16)).join(' ')
}
const said = {
  '15th:': occurrences('BYMONTHDAY=15'),
  'last day:': occurrences('BYMONTHDAY=-1'),
  'last Friday:': occurrences('BYDAY=-1FR'),
  'first working day:': occurrences('BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1'),
}
for (const [name, dates] of Object.entries(said)) console.log(`${name.padEnd(18)} ${dates}`)
assert.deepEqual(Object.values(said), [
  '01-15T10:00 02-15T10:00 03-15T10:00',
  '01-30T10:00 02-27T10:00 03-30T10:00',
  '01-30T00:00 02-27T00:00 03-27T00:00',
  '01-06T00:00 01-07T00:00 01-08T00:00',
])
JS
TZ=UTC node probe.mjs
