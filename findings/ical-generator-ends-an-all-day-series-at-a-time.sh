#!/usr/bin/env bash
# ical-generator 11.1.2 writes the end of an all-day series with a time of day.
#
# Behaviour: DTSTART is a DATE and UNTIL is a DATE-TIME in UTC. RFC 5545 requires that UNTIL
#   has the type of DTSTART.
# Output: DTSTART;VALUE=DATE:20260105
#         RRULE:FREQ=DAILY;UNTIL=20260107T000000Z
# A good engineer would have guessed: UNTIL=20260107, since the library knows that the event is all day.
# Needs Node 22 or later, as the package says; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ical-generator@11.1.2 >npm.log 2>&1
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import ical from 'ical-generator'

const calendar = ical()
calendar.createEvent({
  start: new Date('2026-01-05'),
  allDay: true,
  summary: 'Fair',
  repeating: { freq: 'DAILY', until: new Date('2026-01-07') },
})
const lines = calendar.toString().split('\r\n').filter(line => /^(DTSTART|RRULE)/.test(line))
console.log(lines.join('\n'))
assert.deepEqual(lines, ['DTSTART;VALUE=DATE:20260105', 'RRULE:FREQ=DAILY;UNTIL=20260107T000000Z'])
JS
TZ=UTC node probe.mjs
