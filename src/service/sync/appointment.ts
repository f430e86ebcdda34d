import { Appointment, appointmentSchema } from '../../contract/appointment.ts'
import type { ProviderEvent } from '../providers/provider.ts'
import { day } from '../zoom/lifetime.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'

const { subject: title, timeZone: zone, minutes: length } = appointmentSchema.properties
const zoneForm = new RegExp(zone.pattern)

/**
 * The five facts of an event. An event that takes whole days has midnights without a zone: the meeting keeps the time of
 * day that it has, which the add-in knew, and goes to the event's date.
 */
export function appointmentFrom(event: ProviderEvent, meeting: Pick<ZoomMeeting, 'start_time'>): Appointment {
  const start = event.allDay ? sameTimeOfDay(event.start, meeting.start_time) : event.start
  const minutes = Math.round((Date.parse(event.end) - Date.parse(event.start)) / 60_000)
  return Appointment.from({
    subject: event.subject.slice(0, title.maxLength),
    start,
    minutes: Math.min(Math.max(0, minutes), length.maximum),
    timeZone: zoneIn(event),
    recurring: event.kind === 'series',
  })
}

/** Not every provider's name has the form of a zone's name. A meeting does not need it. */
const zoneIn = ({ timeZone = '' }: ProviderEvent) =>
  timeZone.length <= zone.maxLength && zoneForm.test(timeZone) ? timeZone : zone.default

/**
 * The instant at which the date begins where the meeting is: its clocks are between 12 hours behind UTC and 14 ahead.
 * The hour may change with the season; a meeting for whole days is at no hour.
 */
function sameTimeOfDay(midnight: string, known: string | null | undefined): string {
  const date = Date.parse(midnight)
  const before = Date.parse(known ?? '')
  if (Number.isNaN(before)) return midnight
  const ahead = (((date - before) % day) + day) % day
  const offset = ahead > 14 * hour ? ahead - day : ahead
  return new Date(date - offset).toISOString().replace(/\.\d+Z$/, 'Z')
}
const hour = 3_600_000
