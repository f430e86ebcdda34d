#!/usr/bin/env bash
# @devexpress/dx-scheduler-core 4.0.11 and @nextcloud/calendar-js 6.0.1: a changed series brings its cancelled meeting back.
#
# Behaviour: the cancelled day is an EXDATE. Both split a series that is changed "from here on", and give the second half no
#   EXDATE: the cancelled meeting is back. DevExtreme counts what is left without it, so the last day is gone instead;
#   Nextcloud counts an EXDATE of the first half as not held, so a meeting is added after the end. DevExtreme, besides, keeps
#   the EXDATE as it is when the whole series moves by an hour, and writes UNTIL and COUNT into one rule, which RFC 5545
#   forbids.
# Output: series without the fourth day, renamed from the third on, DevExtreme: 1 2 3 4
#         series without the fourth day, renamed from the third on, Nextcloud: 1 2 3 4 5
#         series without the second day, renamed from the fourth on, Nextcloud: 1 3 4 5 6
#         series without the second day, moved by an hour, DevExtreme: 1 2 3 4 5
#         rule of a second half, DevExtreme: FREQ=DAILY;UNTIL=20261205T100000Z;COUNT=3
# A good engineer would have guessed: 1 2 3 5, 1 2 3 5, 1 3 4 5, 1 3 4 5, and FREQ=DAILY;UNTIL=20261205T100000Z.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @devexpress/dx-scheduler-core@4.0.11 rrule@2.8.1 @nextcloud/calendar-js@6.0.1 ical.js@1.5.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { DateTimeValue, getParserManager } from '@nextcloud/calendar-js'
import rrule from 'rrule'

const devextreme = createRequire(import.meta.url)('@devexpress/dx-scheduler-core')

const at = (day, hour = 10) => new Date(Date.UTC(2026, 11, day, hour))
const text = date => date.toISOString().replaceAll(/[-:]|\.000/g, '')
const days = series =>
  series
    .flatMap(lines => rrule.rrulestr(lines.filter(Boolean).join('\n'), { forceset: true }).all())
    .map(date => date.getUTCDate())
    .join(' ')

const series = (rRule, exDate) => ({ id: 1, title: 'Review', startDate: at(1), endDate: at(1, 11), rRule, exDate })
/** What a scheduler hands over when somebody edits the series at one of its days. */
const on = (day, whole) => ({ ...whole, startDate: at(day), endDate: at(day, 11), parentData: whole })
const linesOf = ({ startDate, rRule, exDate }) => [`DTSTART:${text(startDate)}`, `RRULE:${rRule}`, exDate && `EXDATE:${exDate}`]
const split = (whole, day) => {
  const { changed, added } = devextreme.editCurrentAndFollowing(on(day, whole), { title: 'Preview' })
  return [{ ...whole, ...changed[1] }, added]
}

const nextcloud = (exDate, day) => {
  const parser = getParserManager().getParserForFileType('text/calendar')
  const event = ['UID:1', 'DTSTAMP:20261101T000000Z', 'DTSTART:20261201T100000Z', 'DTEND:20261201T110000Z']
  const lines = [...event, 'RRULE:FREQ=DAILY;COUNT=5', `EXDATE:${exDate}`, 'SUMMARY:Review']
  parser.parse(['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n'))
  const [whole] = [...parser.getItemIterator()][0].getVObjectIterator()
  const occurrence = whole.recurrenceManager.getOccurrenceAtExactly(DateTimeValue.fromJSDate(at(day), true))
  occurrence.title = 'Preview'
  const halves = occurrence.createRecurrenceException(true).map(half => half.root.toICS().split('\r\n'))
  return halves.map(half => half.filter(line => /^(DTSTART|RRULE|EXDATE)/.test(line)))
}

const withoutFourth = series('FREQ=DAILY;COUNT=5', '20261204T100000Z')
const withoutSecond = series('FREQ=DAILY;COUNT=5', '20261202T100000Z')
const moved = devextreme.editAll(on(3, withoutSecond), { startDate: at(3, 11), endDate: at(3, 12) }).changed[1]
const [, secondHalf] = split(series('FREQ=DAILY;UNTIL=20261205T100000Z'), 3)
const said = [
  `series without the fourth day, renamed from the third on, DevExtreme: ${days(split(withoutFourth, 3).map(linesOf))}`,
  `series without the fourth day, renamed from the third on, Nextcloud: ${days(nextcloud('20261204T100000Z', 3))}`,
  `series without the second day, renamed from the fourth on, Nextcloud: ${days(nextcloud('20261202T100000Z', 4))}`,
  `series without the second day, moved by an hour, DevExtreme: ${days([linesOf({ ...withoutSecond, ...moved })])}`,
  `rule of a second half, DevExtreme: ${secondHalf.rRule}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'series without the fourth day, renamed from the third on, DevExtreme: 1 2 3 4',
  'series without the fourth day, renamed from the third on, Nextcloud: 1 2 3 4 5',
  'series without the second day, renamed from the fourth on, Nextcloud: 1 3 4 5 6',
  'series without the second day, moved by an hour, DevExtreme: 1 2 3 4 5',
  'rule of a second half, DevExtreme: FREQ=DAILY;UNTIL=20261205T100000Z;COUNT=3',
])
JS
TZ=UTC node probe.mjs
