import { z } from 'zod'
import type { Appointment } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { zoomTimeZones } from './time-zones.ts'

/** Zoom's meeting types that we make. A series is type 3: its link survives every change to one occurrence. */
const scheduled = 2
const recurringWithNoFixedTime = 3

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

/** An appointment as Zoom's "Create a meeting" and "Update a meeting" take it. */
export function zoomFacts(appointment: Appointment): ZoomFacts {
  const topic = cut(appointment.subject.trim(), longestTopic) || noTitle
  if (appointment.recurring) return { topic, type: recurringWithNoFixedTime }
  const timezone = zoomTimeZones[appointment.timeZone]
  return {
    topic,
    type: scheduled,
    start_time: appointment.start,
    duration: Math.max(1, appointment.minutes),
    ...(timezone !== undefined && { timezone }),
  }
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

/** Whether Zoom has other facts than these. Zoom's own additions (a zone that we left open) are no difference. */
export function differs(meeting: ZoomMeeting, facts: ZoomFacts): boolean {
  const { start_time, ...rest } = facts
  const same = Object.entries(rest).every(([name, value]) => meeting[name as keyof typeof rest] === value)
  return (
    !same || (start_time !== undefined && Date.parse(start_time) !== Date.parse(meeting.start_time ?? ''))
  )
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
