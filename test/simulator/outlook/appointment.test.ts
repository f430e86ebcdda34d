import { describe, expect, test } from 'vitest'
import {
  copy,
  dragged,
  endedBefore,
  first,
  following,
  fresh,
  locations,
  locationsText,
  occurrence,
  recipients,
  recipientsText,
  reschedule,
} from '../../../src/simulator/outlook/item/appointment.ts'
import { lastDay, moved, repeat } from '../../../src/simulator/outlook/item/recurrence.ts'

const now = Date.parse('2026-11-23T17:00:00Z')
const asked = (address: string) => fresh('W. Europe Standard Time', now, new URLSearchParams(address))

const tuesday = {
  start: Date.parse('2026-12-01T09:00:00Z'),
  end: Date.parse('2026-12-01T09:30:00Z'),
  timeZone: 'W. Europe Standard Time',
}

describe('a new appointment', () => {
  test('is tomorrow at ten in the person’s time zone', () => {
    expect(asked('')).toMatchObject({
      subject: 'Quarterly review',
      start: '2026-11-24T09:00:00.000Z',
      end: '2026-11-24T09:30:00.000Z',
      recurrence: null,
      id: null,
    })
  })

  test('has the values in the page’s address', () => {
    const address =
      'subject=Tea&start=2026-12-01T10:00&end=2026-12-01T11:00&timeZone=Tokyo+Standard+Time&repeat=daily'
    expect(asked(address)).toMatchObject({
      subject: 'Tea',
      start: '2026-12-01T01:00:00.000Z',
      end: '2026-12-01T02:00:00.000Z',
      recurrence: { recurrenceType: 'daily' },
    })
  })
})

describe('a repetition', () => {
  test('has the form of Office.js', () => {
    expect(repeat('weekly', tuesday, '2027-02-23')).toEqual({
      recurrenceType: 'weekly',
      recurrenceProperties: { interval: 1, days: ['tue'], firstDayOfWeek: 'mon' },
      recurrenceTimeZone: { name: 'W. Europe Standard Time', offset: 60 },
      seriesTimeJson: {
        startYear: 2026,
        startMonth: 12,
        startDay: 1,
        endYear: 2027,
        endMonth: 2,
        endDay: 23,
        startTimeMin: 600,
        durationMin: 30,
      },
    })
  })

  test('can have no end', () => {
    expect(repeat('daily', tuesday, '')?.seriesTimeJson).toMatchObject({ noEndDate: true })
  })

  test('is null for no repetition', () => {
    expect(repeat('none', tuesday, '')).toBeNull()
  })

  test.each([
    ['weekly', { days: ['wed'] }],
    ['monthly', { dayOfMonth: 2 }],
    ['yearly', { dayOfMonth: 2, month: 'dec' }],
  ])('moves with its first occurrence: %s', (type, properties) => {
    const series = repeat(type, tuesday, '2027-02-23')
    const day = 24 * 60 * 60_000
    const wednesday = { ...tuesday, start: tuesday.start + day, end: tuesday.end + day }
    const after = series && moved(series, tuesday, wednesday)
    expect(after?.recurrenceProperties).toMatchObject(properties)
    expect(after && lastDay(after)).toBe('2027-02-23')
  })

  test('that an add-in set keeps its days', () => {
    const series = repeat('weekly', tuesday, '')
    if (!series) throw new Error('There is no series.')
    const own = {
      ...series,
      recurrenceProperties: { interval: 2, days: ['mon', 'tue'], firstDayOfWeek: 'mon' },
    }
    expect(moved(own, tuesday, { ...tuesday, end: tuesday.end + 60_000 }).recurrenceProperties).toEqual(
      own.recurrenceProperties,
    )
  })
})

test('moving the first occurrence moves the series', () => {
  const appointment = asked('start=2026-12-01T10:00&repeat=weekly')
  const { start, end } = first(appointment)
  const day = 24 * 60 * 60_000
  expect(reschedule(appointment, start + day, end + day)).toMatchObject({
    start: '2026-12-02T09:00:00.000Z',
    recurrence: { recurrenceProperties: { days: ['wed'] }, seriesTimeJson: { startDay: 2 } },
  })
})

test('a copy has everything except an id, custom properties included', () => {
  const kept = { ...asked(''), id: 'a1', sent: true, customProperties: { meeting: 'm1' } }
  expect(copy(kept)).toEqual({ ...kept, id: null, sent: false })
})

describe('one occurrence of a series', () => {
  const series = (address: string) => ({ ...asked(address), id: 'a1', customProperties: { meeting: 'm1' } })

  test.each([
    ['daily', '2026-12-02T09:00:00.000Z'],
    ['weekly', '2026-12-08T09:00:00.000Z'],
    ['monthly', '2027-01-01T09:00:00.000Z'],
    ['yearly', '2027-12-01T09:00:00.000Z'],
  ])('%s: has an id and a time of its own', (repeat, start) => {
    expect(occurrence(series(`start=2026-12-01T10:00&repeat=${repeat}`))).toMatchObject({
      id: 'a1#2',
      seriesId: 'a1',
      start,
      customProperties: { meeting: 'm1' },
      recurrence: { recurrenceType: repeat },
    })
  })

  test('is at the same local time after a change to or from daylight saving time', () => {
    const weekly = series('start=2026-10-20T10:00&repeat=weekly')
    expect(occurrence(weekly).start).toBe('2026-10-27T09:00:00.000Z')
  })

  test('moves without the series', () => {
    const one = occurrence(series('start=2026-12-01T10:00&repeat=weekly'))
    const { start, end } = first(one)
    expect(reschedule(one, start + 3_600_000, end + 3_600_000).recurrence).toBe(one.recurrence)
  })
})

test('attendees are parsed from text and written back', () => {
  const text = 'Grace Hopper <grace@fabrikam.example>; ada@contoso.example'
  expect(recipients(`${text}; `)).toEqual([
    { name: 'Grace Hopper', address: 'grace@fabrikam.example' },
    { name: 'ada@contoso.example', address: 'ada@contoso.example' },
  ])
  expect(recipientsText(recipients(text))).toBe(text)
})

test('a room stays a room while the person types another location', () => {
  const room = { id: 'room5@contoso.example', type: 'room' as const, displayName: 'Room 5' }
  const places = locations('Room 5; my desk', [room])
  expect(places).toEqual([room, { id: 'my desk', type: 'custom', displayName: 'my desk' }])
  expect(locationsText(places)).toBe('Room 5; my desk')
})

describe('in the calendar', () => {
  const series = {
    ...asked('start=2026-12-01T10:00&repeat=weekly&until=2027-02-23'),
    id: 'series',
    customProperties: { zoomMeeting: 'kept' },
  }

  test('this and all following is a new series with the old one’s content, and the old series ends the day before', () => {
    const rest = following(series)
    expect(rest).toMatchObject({
      id: null,
      seriesId: null,
      follows: 'series',
      start: '2026-12-08T09:00:00.000Z',
      customProperties: { zoomMeeting: 'kept' },
    })
    expect(rest.recurrence?.seriesTimeJson).toMatchObject({
      startDay: 8,
      endYear: 2027,
      endMonth: 2,
      endDay: 23,
    })
    const { recurrence, start } = endedBefore(series, rest)
    expect(start).toBe(series.start)
    expect(recurrence && lastDay(recurrence)).toBe('2026-12-07')
  })

  test('a dragged appointment is a day later at the same local time, also across daylight saving time', () => {
    const winter = asked('start=2027-03-27T10:00&timeZone=W.+Europe+Standard+Time')
    expect(dragged(winter)).toMatchObject({
      start: '2027-03-28T08:00:00.000Z',
      end: '2027-03-28T08:30:00.000Z',
    })
  })

  test('dragging a series moves its pattern', () => {
    expect(dragged(series).recurrence?.recurrenceProperties).toMatchObject({ days: ['wed'] })
  })
})
