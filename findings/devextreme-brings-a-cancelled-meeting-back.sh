#!/usr/bin/env bash
# @devexpress/dx-scheduler-core 4.0.11 brings a cancelled meeting of a series back when the series is changed.
#
# Behaviour: the cancelled day is an `exDate`. Moved by an hour as a whole, the series gets a new start and keeps the old
#   exDate, which now names no meeting: the cancelled one is back. Changed "from here on", the second half gets the rule and
#   no exDate; its COUNT is what is left without the cancelled day, so that one is back, and the last day is gone. A series
#   that ends on a date then has UNTIL and COUNT in one rule, which RFC 5545 forbids.
# Output: series: 1 3 4 5
#         moved by an hour as a whole: 1 2 3 4 5
#         renamed from the third day on, where the fourth was cancelled: 1 2 3 4
#         rule of the second half: FREQ=DAILY;UNTIL=20261205T100000Z;COUNT=3
# A good engineer would have guessed: 1 3 4 5, then 1 2 3 5, and FREQ=DAILY;UNTIL=20261205T100000Z.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @devexpress/dx-scheduler-core@4.0.11 rrule@2.8.1 >npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { editAll, editCurrentAndFollowing } = require('@devexpress/dx-scheduler-core')
const { rrulestr } = require('rrule')

const at = (day, hour = 10) => new Date(Date.UTC(2026, 11, day, hour))
const text = date => `${date.toISOString().replaceAll(/[-:]|\.000/g, '')}`
const series = (rRule, exDate) => ({ id: 1, title: 'Review', startDate: at(1), endDate: at(1, 11), rRule, exDate })
/** What a scheduler hands over when somebody edits the series at one of its days. */
const on = (day, whole) => ({ ...whole, startDate: at(day), endDate: at(day, 11), parentData: whole })
const days = appointments =>
  appointments
    .flatMap(({ startDate, rRule, exDate }) => {
      const without = exDate ? `\nEXDATE:${exDate}` : ''
      return rrulestr(`DTSTART:${text(startDate)}\nRRULE:${rRule}${without}`, { forceset: true }).all()
    })
    .map(date => date.getUTCDate())
    .join(' ')

const said = []
const five = series('FREQ=DAILY;COUNT=5', '20261202T100000Z')
said.push(`series: ${days([five])}`)
const moved = editAll(on(3, five), { startDate: at(3, 11), endDate: at(3, 12) })
said.push(`moved by an hour as a whole: ${days([{ ...five, ...moved.changed[1] }])}`)

const split = whole => {
  const { changed, added } = editCurrentAndFollowing(on(3, whole), { title: 'Preview' })
  return [{ ...whole, ...changed[1] }, added]
}
const halves = split(series('FREQ=DAILY;COUNT=5', '20261204T100000Z'))
said.push(`renamed from the third day on, where the fourth was cancelled: ${days(halves)}`)
said.push(`rule of the second half: ${split(series('FREQ=DAILY;UNTIL=20261205T100000Z'))[1].rRule}`)

console.log(said.join('\n'))
assert.deepEqual(said, [
  'series: 1 3 4 5',
  'moved by an hour as a whole: 1 2 3 4 5',
  'renamed from the third day on, where the fourth was cancelled: 1 2 3 4',
  'rule of the second half: FREQ=DAILY;UNTIL=20261205T100000Z;COUNT=3',
])
JS
TZ=UTC node probe.cjs
