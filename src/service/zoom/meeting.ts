import { z } from 'zod'
import { type Appointment, utc } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { idEnds, recurringWithNoFixedTime, scheduled } from './lifetime.ts'
import { zoomTimeZones } from './time-zones.ts'

/** Zoom's limit for `topic`, in UTF-16 units. */
const longestTopic = 200
/** Zoom's topic for an appointment without a title. */
const noTitle = 'Zoom Meeting'

/** The facts in Zoom's words: what we set at creation and keep true from then on. */
export interface ZoomFacts {
  topic: string
  type: typeof scheduled | typeof recurringWithNoFixedTime
  start_time?: string
  duration?: number
  timezone?: string
}

/** An appointment as Zoom's "Create a meeting" and "Update a meeting" take it. `created_at`: when the meeting was or is made. */
export function zoomFacts(appointment: Appointment, created_at: string): ZoomFacts {
  const topic = cut(appointment.subject.trim(), longestTopic) || noTitle
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
  // One that goes on for weeks outlives the id of its first day: then the kind is better whose id lives longer.
  const [ends, asSeries] = [oneOff, series].map((facts) => idEnds({ ...facts, created_at })) as [
    number,
    number,
  ]
  return ends < endOf(appointment) && ends < asSeries ? series : oneOff
}

function endOf({ start, minutes }: Appointment): number {
  return Date.parse(start) + minutes * 60_000
}

/** Never between the two halves of one character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** What we read of Zoom's meeting; the rest of its hundred fields is Zoom's. */
export const zoomMeeting = z.object({
  id: z.number().int(),
  topic: z.string(),
  type: z.number(),
  start_time: z.string().optional(),
  duration: z.number().optional(),
  timezone: z.string().optional(),
  created_at: z.iso.datetime({ offset: true }).catch(() => utc(new Date())),
  join_url: z.url({ protocol: /^https$/ }),
  password: z.string().optional(),
  settings: z
    .object({
      global_dial_in_numbers: z
        .array(
          z.object({
            country_name: z.string().optional(),
            country: z.string().optional(),
            number: z.string(),
          }),
        )
        .optional(),
    })
    .optional(),
})
export type ZoomMeeting = z.infer<typeof zoomMeeting>

/**
 * What a meeting can be made. An update ignores a start that has come (Zoom Meetings API, "Update a meeting"): a meeting
 * that is elsewhere in time has no fixed time from then on, which is never untrue, and keeps its link.
 */
export function within(facts: ZoomFacts, meeting: ZoomMeeting, now: number): ZoomFacts {
  const { topic, start_time } = facts
  const hasCome = start_time !== undefined && Date.parse(start_time) <= now
  return hasCome && !startsAt(meeting, start_time) ? { topic, type: recurringWithNoFixedTime } : facts
}

/** Whether Zoom has other facts than these. Zoom's own additions (a zone that we left open) are no difference. */
export function differs(meeting: ZoomMeeting, facts: ZoomFacts): boolean {
  const { start_time, ...rest } = facts
  const same = Object.entries(rest).every(([name, value]) => meeting[name as keyof typeof rest] === value)
  return !same || (start_time !== undefined && !startsAt(meeting, start_time))
}

function startsAt(meeting: ZoomMeeting, start: string): boolean {
  return Date.parse(start) === Date.parse(meeting.start_time ?? '')
}

/** What the add-in needs for the invitation. */
export function meetingOf(zoom: ZoomMeeting): Meeting {
  const dialIn = zoom.settings?.global_dial_in_numbers
    ?.slice(0, 8)
    .map(({ country_name, country, number }) => `${country_name ?? country ?? ''} ${number}`.trim())
    .join('\n')
  return {
    id: String(zoom.id),
    joinUrl: zoom.join_url,
    ...(zoom.password && { passcode: zoom.password }),
    ...(dialIn && { dialIn }),
  }
}
