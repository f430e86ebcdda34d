import { Appointment, appointmentSchema, utc } from '../../contract/appointment.ts'
import type { ProviderEvent } from '../providers/provider.ts'
import { day } from '../zoom/lifetime.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import { zoomTimeZones } from '../zoom/time-zones.ts'

const { subject: title, timeZone: zone, minutes: length } = appointmentSchema.properties
const zoneForm = new RegExp(zone.pattern)

/**
 * The five facts of an event. An event that takes whole days has dates without a zone: it begins and ends with them in
 * the zone of its meeting, which the add-in knew, and the meeting keeps that zone.
 */
export function appointmentFrom(
  event: ProviderEvent,
  meeting: Pick<ZoomMeeting, 'start_time' | 'timezone'>,
): Appointment {
  const place = event.allDay ? placeOf(event, meeting) : undefined
  const [start, end] = [event.start, event.end].map((time) =>
    place ? beginning(time, place) : Date.parse(time),
  ) as [number, number]
  const minutes = Math.round((end - start) / 60_000)
  return Appointment.from({
    subject: event.subject.slice(0, title.maxLength),
    start: utc(new Date(start)),
    minutes: Math.min(Math.max(0, minutes), length.maximum),
    timeZone: place && place === meeting.timezone ? zone.default : zoneIn(event),
    recurring: event.kind === 'series',
  })
}

/** Not every provider's name has the form of a zone's name. A meeting does not need it. */
const zoneIn = ({ timeZone = '' }: ProviderEvent) =>
  timeZone.length <= zone.maxLength && zoneForm.test(timeZone) ? timeZone : zone.default

/**
 * The IANA zone of an event's dates. A meeting without a time has the zone of its host's account; and programs that know
 * no zone write UTC.
 */
function placeOf(
  { timeZone = '' }: ProviderEvent,
  { start_time, timezone }: Parameters<typeof appointmentFrom>[1],
) {
  const own = timeZone === 'UTC' ? undefined : zoomTimeZones[timeZone]
  return [start_time && timezone, own, timezone].find((name) => name && isZone(name)) || 'UTC'
}

function isZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('sv', { timeZone }))
  } catch {
    return false
  }
}

/**
 * The instant at which a date begins in a zone, in milliseconds: the first of two midnights or, where clocks skip it, when
 * they do. `date`: its midnight, written as if it were in UTC.
 */
function beginning(date: string, timeZone: string): number {
  const midnight = Date.parse(date)
  const clock = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const shown = (at: number) => Date.parse(`${clock.format(at).replace(' ', 'T')}Z`)
  // With the clock of the day before, and with that of the day after.
  const [first, last] = [-day, day].map((by) => midnight + by - shown(midnight + by) + midnight) as [
    number,
    number,
  ]
  return shown(first) !== midnight && shown(last) === midnight ? last : first
}
