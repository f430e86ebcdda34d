#!/usr/bin/env bash
# ical-expander 3.2.0: a daily series disappears when it is some three years old.
#
# Behaviour: `between` counts occurrences from the beginning of the series and stops after 1000, also if none of them
#   lay in the range. It gives no error and no sign. A weekly series lasts 19 years, a daily one 1000 days.
# Output: daily since 1 June 2024, first week of November 2026: 7 occurrences
#         daily since 1 January 2024, first week of November 2026: 0 occurrences
# A good engineer would have guessed: what falls into the range is found, however old the series is.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ical-expander@3.2.0 ical.js@1.5.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import IcalExpander from 'ical-expander'

const daily = day =>
  [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN',
    'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20240101T000000Z', `DTSTART:${day}T090000Z`, 'DURATION:PT15M', 'RRULE:FREQ=DAILY',
    'END:VEVENT', 'END:VCALENDAR', '',
  ].join('\r\n')
const inNovember = day => {
  const expander = new IcalExpander({ ics: daily(day) })
  return expander.between(new Date('2026-11-01T00:00:00Z'), new Date('2026-11-07T23:59:59Z')).occurrences.length
}
const found = { '1 June 2024': inNovember('20240601'), '1 January 2024': inNovember('20240101') }
for (const [since, count] of Object.entries(found))
  console.log(`daily since ${since}, first week of November 2026: ${count} occurrences`)
assert.deepEqual(found, { '1 June 2024': 7, '1 January 2024': 0 })
JS
TZ=UTC node probe.mjs
