#!/usr/bin/env bash
# @schedule-x/calendar 4.9.1 and @toast-ui/calendar 2.1.3 show a day off of Google Calendar on two days.
#
# Behaviour: the end of an all-day event is the day after it in Google Calendar, Microsoft Graph and iCalendar. For these two
#   it is the last day, so an event passed on as a calendar service gives it lasts a day too long, and a weekend off takes
#   Monday too. react-big-calendar reads the same two dates as the services mean them.
# Output: react-big-calendar: 1 of 7 columns
#         schedule-x: 2 of 7 columns
#         TOAST UI: 2026-12-01T00:00:00 to 2026-12-02T23:59:59
# A good engineer would have guessed: 1 of 7 columns twice, and an end before or at the midnight after 1 December.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @schedule-x/calendar@4.9.1 preact@10.29.8 @preact/signals@2.11.4 temporal-polyfill@0.3.2 @toast-ui/calendar@2.1.3 \
  react-big-calendar@1.20.0 react@18.3.1 react-dom@18.3.1 date-fns@4.1.0 jsdom@26.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { JSDOM } from 'jsdom'

process.env.TZ = 'UTC'
const { window } = new JSDOM('<div></div>'.repeat(3), { pretendToBeVisual: true, url: 'http://127.0.0.1/' })
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
const { createElement } = await import('react')
const { createRoot } = await import('react-dom/client')
const { Calendar, dateFnsLocalizer } = await import('react-big-calendar')
const { format, getDay, parse, startOfWeek } = await import('date-fns')
const { enUS } = await import('date-fns/locale')
const { createCalendar, createViewMonthGrid } = await import('@schedule-x/calendar')
const ToastCalendar = createRequire(import.meta.url)('@toast-ui/calendar')

const dayOff = { summary: 'Day off', start: { date: '2026-12-01' }, end: { date: '2026-12-02' } }
const [first, second, third] = document.querySelectorAll('body > div')
const drawn = async find => {
  for (let wait = 0; wait < 1000 && !find(); wait++) await new Promise(resolve => setTimeout(resolve, 20))
  return find()
}
const columns = percent => `${Math.round((parseFloat(percent) * 7) / 100)} of 7 columns`

const localizer = dateFnsLocalizer({ format, getDay, parse, startOfWeek, locales: { 'en-US': enUS } })
const events = [
  {
    title: dayOff.summary,
    allDay: true,
    start: new Date(`${dayOff.start.date}T00:00`),
    end: new Date(`${dayOff.end.date}T00:00`),
  },
]
createRoot(first).render(
  createElement(Calendar, { localizer, events, defaultDate: new Date('2026-12-01T00:00'), defaultView: 'month' }),
)
const segment = await drawn(() => first.querySelector('.rbc-event')?.closest('.rbc-row-segment'))

const start = Temporal.PlainDate.from(dayOff.start.date)
createCalendar({
  selectedDate: start,
  views: [createViewMonthGrid()],
  events: [{ id: '1', title: dayOff.summary, start, end: Temporal.PlainDate.from(dayOff.end.date) }],
}).render(second)
const block = await drawn(() => second.querySelector('[data-event-id]'))

const toast = new ToastCalendar(third, { usageStatistics: false })
toast.createEvents([
  {
    id: '1',
    calendarId: '1',
    title: dayOff.summary,
    category: 'allday',
    isAllday: true,
    start: dayOff.start.date,
    end: dayOff.end.date,
  },
])
const kept = toast.getEvent('1', '1')
const time = date => date.toDate().toISOString().slice(0, 19)

// schedule-x writes the width in columns of a seventh: calc(200% - 8px) is two of them.
const wide = parseFloat(block.style.width.replace('calc(', ''))
const said = [
  `react-big-calendar: ${columns(segment.style.flexBasis)}`,
  `schedule-x: ${columns(wide / 7)}`,
  `TOAST UI: ${time(kept.start)} to ${time(kept.end)}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'react-big-calendar: 1 of 7 columns',
  'schedule-x: 2 of 7 columns',
  'TOAST UI: 2026-12-01T00:00:00 to 2026-12-02T23:59:59',
])
process.exit()
JS
node probe.mjs
