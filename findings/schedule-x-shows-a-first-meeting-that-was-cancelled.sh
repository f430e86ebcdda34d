#!/usr/bin/env bash
# @schedule-x/event-recurrence 4.8.0 shows the first meeting of a series though it was cancelled.
#
# Behaviour: EXDATE takes each occurrence out of a series but the first: the event that brings the series is always drawn.
#   BYMONTHDAY is read as one number, so "the 1st and the 15th" is not a number, and is taken for the day on which the series
#   starts. No error says either.
# Output: Mondays, the second cancelled: 2026-11-30 2026-12-14 2026-12-21
#         Mondays, the first cancelled: 2026-11-30 2026-12-07 2026-12-14 2026-12-21
#         on the 1st and the 15th: 2026-12-01 2027-01-01
# A good engineer would have guessed: the second line begins with 2026-12-07; the third has 2026-12-15.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @schedule-x/calendar@4.9.1 @schedule-x/event-recurrence@4.8.0 preact@10.29.8 @preact/signals@2.11.4 \
  temporal-polyfill@0.3.2 jsdom@26.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { JSDOM } from 'jsdom'

process.env.TZ = 'UTC'
const { window } = new JSDOM('', { pretendToBeVisual: true, url: 'http://127.0.0.1/' })
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
const matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {} })
Object.assign(window, { ResizeObserver: Observer, IntersectionObserver: Observer, matchMedia })
for (const name of Object.getOwnPropertyNames(window)) if (!(name in globalThis)) globalThis[name] = window[name]
Object.assign(globalThis, { window, document: window.document })
await import('temporal-polyfill/global')
const { createCalendar, createViewMonthGrid } = await import('@schedule-x/calendar')
const { createEventRecurrencePlugin } = await import('@schedule-x/event-recurrence')

/** The days of the month grid of December 2026 (30 November to 3 January) on which a series of 10:00 is drawn. */
const days = async (first, rrule, ...exdate) => {
  const time = hour => Temporal.ZonedDateTime.from(`${first}T${hour}:00[UTC]`)
  const page = document.body.appendChild(document.createElement('main'))
  createCalendar(
    {
      selectedDate: Temporal.PlainDate.from('2026-12-01'),
      timezone: 'UTC',
      views: [createViewMonthGrid()],
      events: [{ id: '1', title: 'Review', rrule, exdate, start: time('10'), end: time('11') }],
    },
    [createEventRecurrencePlugin()],
  ).render(page)
  const drawn = () => [...page.querySelectorAll('[data-event-id]')]
  for (let wait = 0; wait < 1000 && drawn().length < 2; wait++) await new Promise(resolve => setTimeout(resolve, 20))
  return drawn()
    .map(event => event.closest('[data-date]').dataset.date)
    .join(' ')
}
const said = [
  `Mondays, the second cancelled: ${await days('2026-11-30', 'FREQ=WEEKLY;COUNT=4', '20261207T100000')}`,
  `Mondays, the first cancelled: ${await days('2026-11-30', 'FREQ=WEEKLY;COUNT=4', '20261130T100000')}`,
  `on the 1st and the 15th: ${await days('2026-12-01', 'FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4')}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Mondays, the second cancelled: 2026-11-30 2026-12-14 2026-12-21',
  'Mondays, the first cancelled: 2026-11-30 2026-12-07 2026-12-14 2026-12-21',
  'on the 1st and the 15th: 2026-12-01 2027-01-01',
])
process.exit()
JS
node probe.mjs
