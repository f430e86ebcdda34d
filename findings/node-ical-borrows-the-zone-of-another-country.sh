#!/usr/bin/env bash
# node-ical 0.27.2 replaces the time zone written in a file by an IANA zone with the same two offsets.
#
# Behaviour: Outlook writes "Customized Time Zone" with its rules into the file. Here the rules are Israel's: summer time
#   begins on the fourth Friday of March. The library takes Africa/Cairo, which begins in April, and is an hour off.
#   ical.js 2.2.1 reads the rules of the file.
# Output: node-ical: 2026-03-28T08:00:00.000Z Africa/Cairo
#         ical.js: 2026-03-28T07:00:00.000Z
# A good engineer would have guessed: the VTIMEZONE in the file says when the event is.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  node-ical@0.27.2 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 ical.js@2.2.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'

const change = (kind, from, to, rule) => [
  `BEGIN:${kind}`, 'DTSTART:16010101T020000', `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`,
  `RRULE:FREQ=YEARLY;${rule}`, `END:${kind}`,
]
const file = [
  'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN',
  'BEGIN:VTIMEZONE', 'TZID:Customized Time Zone',
  ...change('STANDARD', '+0300', '+0200', 'BYDAY=-1SU;BYMONTH=10'),
  ...change('DAYLIGHT', '+0200', '+0300', 'BYDAY=4FR;BYMONTH=3'),
  'END:VTIMEZONE',
  'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z',
  'DTSTART;TZID=Customized Time Zone:20260328T100000', 'DURATION:PT1H', 'END:VEVENT', 'END:VCALENDAR', '',
].join('\r\n')

const read = Object.values(nodeIcal.sync.parseICS(file)).find(part => part.type === 'VEVENT').start
const event = new ICAL.Component(ICAL.parse(file)).getFirstSubcomponent('vevent')
const said = [
  `node-ical: ${read.toISOString()} ${read.tz}`,
  `ical.js: ${new ICAL.Event(event).startDate.toJSDate().toISOString()}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, ['node-ical: 2026-03-28T08:00:00.000Z Africa/Cairo', 'ical.js: 2026-03-28T07:00:00.000Z'])
JS
TZ=UTC node probe.mjs
