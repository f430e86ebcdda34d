#!/usr/bin/env bash
# @syncfusion/ej2-schedule 34.2.8 leaves years out of a meeting on the last Thursday of a month.
#
# Behaviour: "every year on the last Thursday of January", as Outlook writes it, has no occurrence in 2027 and 2028; in May
#   the start itself is missing. What decides is where the days of a month fall in the weeks of the calendar: 18 of 120
#   yearly rules go wrong, all of them with the last weekday. The same day each month, or the fourth Thursday, is right.
#   COUNT counts only the days that are shown, so the series also ends years later.
# Output: last Thursday of January: 2026-01-29 2029-01-25 2030-01-31
#         last Thursday of May: 2028-05-25 2029-05-31 2030-05-30
#         fourth Thursday of January: 2026-01-22 2027-01-28 2028-01-27
#         last Thursday of each month: 2026-01-29 2026-02-26 2026-03-26
#         rules that differ from rrule 2.8.1: 18 of 120, of these with the last weekday: 18
# A good engineer would have guessed: 2026-01-29 2027-01-28 2028-01-27 and 2026-05-28 2027-05-27 2028-05-25.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @syncfusion/ej2-schedule@34.2.8 rrule@2.8.1 esbuild@0.28.2 >npm.log
cat >probe.js <<'JS'
import assert from 'node:assert/strict'
import { generate } from '@syncfusion/ej2-schedule/src/recurrence-editor/date-generator.js'
import { RRule } from 'rrule'

const dates = found => found.map(date => new Date(date).toISOString().slice(0, 10)).join(' ')
const shown = (rule, start, count) => dates(generate(start, `${rule};COUNT=${count}`, null, 0, count))
const right = (rule, start, count) => dates(new RRule({ ...RRule.parseString(rule), dtstart: start, count }).all())

const last = 'BYDAY=TH;BYSETPOS=-1'
const said = Object.entries({
  'last Thursday of January': [`FREQ=YEARLY;BYMONTH=1;${last}`, '2026-01-29T10:00Z'],
  'last Thursday of May': [`FREQ=YEARLY;BYMONTH=5;${last}`, '2026-05-28T10:00Z'],
  'fourth Thursday of January': ['FREQ=YEARLY;BYMONTH=1;BYDAY=TH;BYSETPOS=4', '2026-01-22T10:00Z'],
  'last Thursday of each month': [`FREQ=MONTHLY;${last}`, '2026-01-29T10:00Z'],
}).map(([what, [rule, start]]) => `${what}: ${shown(rule, new Date(start), 3)}`)

const rules = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap(month =>
  [1, 2, 3, 4, -1].flatMap(position =>
    ['MO', 'TH'].map(day => `FREQ=YEARLY;BYMONTH=${month};BYDAY=${day};BYSETPOS=${position}`),
  ),
)
const wrong = rules.filter(rule => {
  const [start] = new RRule({ ...RRule.parseString(rule), dtstart: new Date('2026-01-01T10:00Z'), count: 1 }).all()
  return shown(rule, start, 5) !== right(rule, start, 5)
})
const ofLast = wrong.filter(rule => rule.endsWith('=-1'))
said.push(`rules that differ from rrule 2.8.1: ${wrong.length} of ${rules.length}, of these with the last weekday: ${ofLast.length}`)

console.log(said.join('\n'))
assert.deepEqual(said, [
  'last Thursday of January: 2026-01-29 2029-01-25 2030-01-31',
  'last Thursday of May: 2028-05-25 2029-05-31 2030-05-30',
  'fourth Thursday of January: 2026-01-22 2027-01-28 2028-01-27',
  'last Thursday of each month: 2026-01-29 2026-02-26 2026-03-26',
  'rules that differ from rrule 2.8.1: 18 of 120, of these with the last weekday: 18',
])
JS
npx esbuild probe.js --bundle --platform=node --format=cjs --outfile=probe.cjs --log-level=error
TZ=UTC node probe.cjs
