import { z } from 'zod'
import { type Appointment, utc } from '../../contract/appointment.ts'
import { idEnds, recurringWithNoFixedTime, scheduled } from './lifetime.ts'
import { meetingSettings, optional } from './options.ts'
import { zoomTimeZones } from './time-zones.ts'

/** Zoom's limit for `topic`, in UTF-16 units. */
const longestTopic = 200
/** Zoom's topic for an appointment without a title. */
const noTitle = 'Zoom Meeting'

/** The facts in Zoom's words: set when the meeting is created, and updated from then on. */
export interface ZoomFacts {
  topic: string
  type: typeof scheduled | typeof recurringWithNoFixedTime
  start_time?: string
  duration?: number
  timezone?: string
}

/** An appointment as Zoom's "Create a meeting" and "Update a meeting" take it. `created_at`: when the meeting was or is created. */
export function zoomFacts(appointment: Appointment, created_at: string): ZoomFacts {
  const topic = topicOf(appointment.subject)
  const timezone = zoomTimeZones[appointment.timeZone]
  const series: ZoomFacts = { topic, type: recurringWithNoFixedTime }
  const oneOff: ZoomFacts = {
    topic,
    type: scheduled,
    start_time: appointment.start,
    duration: Math.max(1, appointment.minutes),
    ...(timezone !== undefined && { timezone }),
  }
  if (appointment.recurring) return series
  // An appointment of several weeks may end after its meeting's id. Then the type whose id lives longer is better.
  const [ends, asSeries] = [oneOff, series].map((facts) => idEnds({ ...facts, created_at })) as [
    number,
    number,
  ]
  return ends < endOf(appointment) && ends < asSeries ? series : oneOff
}

/** A title as Zoom has it. */
export const topicOf = (subject: string) => cut(subject.trim(), longestTopic) || noTitle

function endOf({ start, minutes }: Appointment): number {
  return Date.parse(start) + minutes * 60_000
}

/** Never cuts between the two halves of a surrogate pair. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

const dialInNumbers = z.array(
  optional(
    z.object({
      country_name: optional(z.string().max(100)),
      country: optional(z.string().max(100)),
      number: z.string().max(64),
    }),
  ),
)

/** The fields of Zoom's meeting that the service reads. Only the id and the link are needed; the limits are those of `contract/meeting.ts`. */
export const zoomMeeting = z.object({
  id: z.coerce.number().int().min(100_000_000).max(999_999_999_999),
  /** The host's address. It is neither stored nor logged. */
  host_email: optional(z.string()),
  topic: optional(z.string()),
  type: optional(z.number()),
  start_time: optional(z.string()),
  duration: optional(z.number()),
  timezone: optional(z.string()),
  created_at: z.iso.datetime({ offset: true }).catch(() => utc(new Date())),
  join_url: z.url({ protocol: /^https$/ }).max(1024),
  password: optional(z.string().max(32)),
  /** The passcode for room systems. */
  h323_password: optional(z.string().regex(/^\d{1,16}$/)),
  /** The host's own meeting id, where the meeting has that one. People join by it. */
  pmi: optional(z.coerce.string().regex(/^\d{9,12}$/)),
  /** Where people register, which gives each a link. */
  registration_url: optional(z.url({ protocol: /^https$/ }).max(1024)),
  settings: optional(meetingSettings),
})
export type ZoomMeeting = z.infer<typeof zoomMeeting>

/**
 * The facts that an update can set. Zoom ignores a start in the past (Zoom Meetings API, "Update a meeting"). If the
 * meeting has another start, it becomes one without a fixed time: that is never wrong, and the link stays.
 */
export function within(facts: ZoomFacts, meeting: ZoomMeeting, now: number): ZoomFacts {
  const { topic, start_time } = facts
  const hasCome = start_time !== undefined && Date.parse(start_time) <= now
  return hasCome && !startsAt(meeting, start_time) ? { topic, type: recurringWithNoFixedTime } : facts
}

/** Whether Zoom has other facts than these. What Zoom has added, a default time zone for example, is no difference. */
export function differs(meeting: ZoomMeeting, facts: ZoomFacts): boolean {
  const { start_time, ...rest } = facts
  const same = Object.entries(rest).every(([name, value]) => meeting[name as keyof typeof rest] === value)
  return !same || (start_time !== undefined && !startsAt(meeting, start_time))
}

function startsAt(meeting: ZoomMeeting, start: string): boolean {
  return Date.parse(start) === Date.parse(meeting.start_time ?? '')
}

/** The most telephone numbers of an invitation. */
const mostNumbers = 8

/** The telephone numbers, one a line, with their countries in this language. `countries`: only of these, `DE;FR`. */
export function dialInOf({ settings }: ZoomMeeting, language: string, countries = ''): string {
  const numbers = dialInNumbers.safeParse(settings?.global_dial_in_numbers).data ?? []
  const wanted = countries.split(';').filter(Boolean)
  const names = new Intl.DisplayNames(language, { type: 'region' })
  return numbers
    .flatMap((entry) => entry ?? [])
    .filter(({ country }) => wanted.length === 0 || wanted.includes(country ?? ''))
    .slice(0, mostNumbers)
    .map(({ country_name, country, number }) => {
      const named = /^[A-Z]{2}$/.test(country ?? '') ? names.of(country as string) : undefined
      return `${named ?? country_name ?? country ?? ''} ${number}`.trim()
    })
    .join('\n')
}
