import { describe, expect, test } from 'vitest'
import { roomNow } from '../../src/app/room/room-now.ts'

const at = (time: string, day = 23) => new Date(`2026-11-${day}T${time}:00`).getTime()
const event = (from: string, to: string, more: object = {}) => ({
  subject: `${from} to ${to}`,
  start: new Date(at(from)).toISOString().replace('.000', ''),
  minutes: (at(to) - at(from)) / 60_000,
  allDay: false,
  ...more,
})
const now = (time: string, ...events: Parameters<typeof roomNow>[0]) => {
  const { current, others, soon, later, until } = roomNow(events, at(time))
  const titles = (all: typeof later) => all.map(({ event: { subject } }) => subject)
  return {
    current: current?.event.subject,
    others: titles(others),
    soon: soon?.event.subject,
    later: titles(later),
    until: until && new Date(until).toTimeString().slice(0, 5),
  }
}

describe('a room', () => {
  const [early, late] = [event('09:00', '10:00'), event('11:00', '12:00')]

  test.each([
    ['is free for the rest of the day without an event', '08:00', [], { until: undefined, later: [] }],
    [
      'is free until the first event',
      '08:00',
      [late, early],
      { until: '09:00', later: ['09:00 to 10:00', '11:00 to 12:00'] },
    ],
    [
      'is busy from the minute in which an event begins',
      '09:00',
      [early, late],
      { current: '09:00 to 10:00', until: '10:00' },
    ],
    [
      'is free from the minute in which it ends',
      '10:00',
      [early, late],
      { current: undefined, until: '11:00' },
    ],
    [
      'is busy until the last of those that follow each other without a pause',
      '09:30',
      [early, event('10:00', '10:30'), late],
      { current: '09:00 to 10:00', until: '10:30' },
    ],
    [
      'shows the one that began last, and names the other',
      '09:30',
      [early, event('09:15', '09:45')],
      { current: '09:15 to 09:45', others: ['09:00 to 10:00'], until: '10:00' },
    ],
    [
      'can start the next event ten minutes before',
      '08:50',
      [early],
      { soon: '09:00 to 10:00', until: '09:00' },
    ],
    ['cannot start it eleven minutes before', '08:49', [early], { soon: undefined }],
  ])('%s', (_, time, events, expected) => {
    expect(now(time, ...events)).toMatchObject(expected)
  })

  test('is busy on the days of an event of whole days, whatever the zone of the device', () => {
    const whole = { subject: 'Closed', start: '2026-11-23T00:00:00Z', minutes: 1440, allDay: true }
    expect(now('00:00', whole)).toMatchObject({ current: 'Closed' })
    expect(now('23:59', whole)).toMatchObject({ current: 'Closed' })
    expect(roomNow([whole], at('00:00', 24)).current).toBeUndefined()
    expect(roomNow([whole], at('23:59', 22))).toMatchObject({ current: undefined, soon: { event: whole } })
  })

  test('can start what begins just after midnight', () => {
    const next = { ...early, start: new Date(at('00:05', 24)).toISOString().replace('.000', '') }
    expect(now('23:58', next)).toMatchObject({ soon: early.subject })
    expect(now('23:00', next)).toMatchObject({ soon: undefined, later: [], until: undefined })
  })
})
