#!/usr/bin/env bash
# ical.js 2.2.1 leaves BYSETPOS out, except for the weekdays of a month.
#
# Behaviour: "on the 30th, or the last day of February" is BYMONTHDAY=28,29,30;BYSETPOS=-1. ical.js gives three days of
#   each month. "The last of Monday, Wednesday and Friday" of each week becomes all three. It gives no error.
#   "The last working day of the month" is right, so the part seems to be known. rrule 2.8.1 gives all three right.
# Output: last working day: ical.js 01-30 02-27 03-31; rrule 01-30 02-27 03-31
#         30th or last day: ical.js 01-28 01-29 01-30; rrule 01-30 02-28 03-30
#         last of the week: ical.js 01-05 01-07 01-09; rrule 01-09 01-16 01-23
# A good engineer would have guessed: a part of the rule that the parser accepts is applied, or refused.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ical.js@2.2.1 rrule@2.8.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import ICAL from 'ical.js'
import rrule from 'rrule'

const withIcalJs = rule => {
  const dates = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString('2026-01-05T09:00:00Z'))
  return Array.from({ length: 3 }, () => dates.next().toJSDate())
}
const withRrule = rule => rrule.rrulestr(`DTSTART:20260105T090000Z\nRRULE:${rule}`).all()
const days = dates => dates.map(date => date.toISOString().slice(5, 10)).join(' ')
const rules = {
  'last working day': 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3',
  '30th or last day': 'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=3',
  'last of the week': 'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3',
}
const said = Object.entries(rules).map(([name, rule]) => `${name}: ical.js ${days(withIcalJs(rule))}; rrule ${days(withRrule(rule))}`)
console.log(said.join('\n'))
assert.deepEqual(said, [
  'last working day: ical.js 01-30 02-27 03-31; rrule 01-30 02-27 03-31',
  '30th or last day: ical.js 01-28 01-29 01-30; rrule 01-30 02-28 03-30',
  'last of the week: ical.js 01-05 01-07 01-09; rrule 01-09 01-16 01-23',
])
JS
TZ=UTC node probe.mjs
