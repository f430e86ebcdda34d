import { afterEach, beforeEach, expect, test } from 'vitest'
import { askedPeriod, daysOf, midnight } from '../../src/app/day.ts'
import { pictureOf } from '../../src/app/terminal/picture.ts'
import { english } from '../../src/app/texts.ts'
import { wordsFor } from '../../src/app/words.ts'
import type { CalendarEvent } from '../../src/contract/calendar-event.ts'

const zone = process.env.TZ
beforeEach(() => {
  process.env.TZ = 'Europe/Berlin'
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

const event = (subject: string, start: string, minutes: number, more: object = {}): CalendarEvent => ({
  ...{ subject, start, minutes, allDay: false, location: '', rooms: '' },
  ...more,
})
const now = Date.parse('2026-11-23T09:15:00Z')
const subjects = (events: readonly { subject: string }[]) => events.map(({ subject }) => subject)
const timed = (events: CalendarEvent[], at = now) =>
  daysOf(events, at).map((day) => subjects(day.timed.map(({ event }) => event)))

test('what is over is not shown, and what is on now is', () => {
  const events = [
    event('Over', '2026-11-23T08:00:00Z', 75),
    event('On', '2026-11-23T09:00:00Z', 30),
    event('Next', '2026-11-23T10:00:00Z', 30),
  ]
  expect(timed(events)).toEqual([['On', 'Next'], []])
  expect(daysOf(events, now)[0].timed.map(({ isOn }) => isOn)).toEqual([true, false])
})

test('events that have a part of the same time say so, and those that follow one another do not', () => {
  const [today] = daysOf(
    [
      event('Long', '2026-11-23T10:00:00Z', 60),
      event('Inside', '2026-11-23T10:30:00Z', 15),
      event('After', '2026-11-23T11:00:00Z', 30),
    ],
    now,
  )
  expect(today.timed.map(({ overlaps }) => overlaps)).toEqual([true, true, false])
})

test('a day begins and ends at midnight of the device, also where clocks change', () => {
  expect(new Date(midnight(now)).toISOString()).toBe('2026-11-22T23:00:00.000Z')
  const beforeSummer = Date.parse('2026-03-28T12:00:00Z')
  expect(midnight(beforeSummer, 2) - midnight(beforeSummer, 1)).toBe(23 * 3_600_000)
  expect(
    timed([event('Late', '2026-11-23T22:59:00Z', 30), event('Early', '2026-11-23T23:00:00Z', 30)]),
  ).toEqual([['Late'], ['Late', 'Early']])
})

test.each(['Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'])(
  'a whole day is on its own date, whatever the zone of the device: %s',
  (zone) => {
    process.env.TZ = zone
    const holiday = event('Holiday', '2026-11-23T00:00:00Z', 1440, { allDay: true })
    const at = new Date(2026, 10, 23, 12).getTime()
    const [today, tomorrow] = daysOf([holiday], at)
    expect(subjects(today.allDay)).toEqual(['Holiday'])
    expect(tomorrow.allDay).toEqual([])
    // A provider that places the whole day in any other zone is asked for it too.
    const { from, to } = askedPeriod(at)
    for (const offset of [-12, 14]) {
      const start = Date.parse('2026-11-23T00:00:00Z') - offset * 3_600_000
      expect(start).toBeLessThan(to)
      expect(start + 86_400_000).toBeGreaterThan(from)
    }
  },
)

test('the terminal shows the same, with a number for each join link', () => {
  const link = 'https://acme.zoom.us/j/91234567890'
  const { lines, links } = pictureOf(
    {
      isLive: true,
      readAt: now,
      events: [
        event('Review', '2026-11-23T09:00:00Z', 30, {
          joinLink: link,
          location: `Attic; ${link}`,
          rooms: 'Attic',
        }),
        event('', '2026-11-23T00:00:00Z', 1440, { allDay: true }),
      ],
    },
    now,
    english,
    wordsFor('en-GB'),
  )
  expect(links).toEqual([link])
  expect(lines).toEqual([
    'Upcoming · Live',
    '',
    'Today, Monday 23 November',
    '  All day  Untitled',
    '> 10:00–10:30  Review · Attic · [1] Join',
    '',
    'Tomorrow, Tuesday 24 November',
    '  Nothing planned.',
    '',
    'Times in Central European Time',
  ])
})

test.each([
  ['en-GB', '  23 Nov, 23:00 – 24 Nov, 00:30  Late'],
  ['de', '  23. Nov., 23:00 – 24. Nov., 00:30  Late'],
])('an event over midnight has its two days in short: %s', (locale, line) => {
  const events = [event('Late', '2026-11-23T22:00:00Z', 90)]
  const { lines } = pictureOf({ isLive: true, events }, now, english, wordsFor(locale))
  const late = lines.filter((one) => one.includes('Late')).map((one) => one.replace(/\s/g, ' '))
  expect(late).toEqual([line, line])
})

test('a title cannot steer the terminal', () => {
  const title = 'Pay\u001b]0;owned\u0007 \u009b2J\r\nnow\u202eevil'
  const { lines } = pictureOf(
    { isLive: true, events: [event(title, '2026-11-23T10:00:00Z', 30)] },
    now,
    english,
    wordsFor('en-GB'),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(lines.join('\n')).toContain('Pay ]0;owned 2J now evil')
})
