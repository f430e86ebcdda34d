import { createHash } from 'node:crypto'
import type { RoomEvent } from '../../contract/rooms.ts'

/** One booking of `xCommand Bookings Put` (schema of RoomOS 26.4). */
export interface Booking {
  Id: string
  Title: string
  Privacy: 'Public' | 'Private'
  MeetingPlatform: 'Zoom' | 'None'
  Protocol: 'SIP' | 'None'
  /** Empty: nothing is dialled. */
  Number: string
  Organizer: { Name: string }
  Time: { StartTime: string; Duration: number; StartTimeBuffer: number; EndTimeBuffer: number }
}

const day = 24 * 3_600_000
/** Milliseconds that a device is told ahead. */
export const ahead = 30 * day
/** Bookings of one device. */
const most = 500
/** Seconds before its start from which a meeting can be joined. */
const joinBefore = 300
/** What has no title, or none that may be shown. */
const untitled = 'Busy'

interface Told {
  /** The name of the room: a booking must name an organiser, and the service does not read who that is. */
  room: string
  titles: boolean
  domain: string
  /** Where Zoom's API of the service is. */
  zoom: string
  passcodeOf: PasscodeOf
}

/** The passcode for room systems of the meeting that a link joins, where Zoom says one and the link has a passcode too. */
export type PasscodeOf = (meeting: string, link: string) => Promise<string | undefined>

/**
 * What a device is told of a room's events: those that have not ended and begin within 30 days. An event of whole days is left
 * out, because its midnight is in no zone.
 */
export async function bookingsOf(
  events: readonly RoomEvent[],
  now: number,
  { room, titles, domain, zoom, passcodeOf }: Told,
): Promise<Booking[]> {
  const ids = new Map<string, number>()
  const coming = events
    .filter(({ start, minutes, allDay }) => !allDay && Date.parse(start) + minutes * 60_000 > now)
    .toSorted((one, other) => (one.start < other.start ? -1 : 1))
    .slice(0, most)
  return Promise.all(
    coming.map(async ({ subject, start, minutes, joinLink = '' }) => {
      const meeting = cloudOf(joinLink) === cloudOf(zoom) ? meetingIn(joinLink) : undefined
      // The same from one list to the next.
      const named = createHash('sha256').update(`${start} ${meeting}`).digest('hex').slice(0, 16)
      const before = ids.get(named) ?? 0
      ids.set(named, before + 1)
      const isSoon = Date.parse(start) < now + day
      const passcode = meeting && isSoon ? await passcodeOf(meeting, joinLink) : undefined
      return {
        Id: before === 0 ? named : `${named}-${before}`,
        Title: (titles && subject) || untitled,
        Privacy: subject === undefined ? 'Private' : 'Public',
        MeetingPlatform: meeting ? 'Zoom' : 'None',
        Protocol: meeting ? 'SIP' : 'None',
        Number: meeting ? `${meeting}${passcode ? `.${passcode}` : ''}@${domain}` : '',
        Organizer: { Name: room },
        Time: {
          StartTime: start,
          Duration: Math.max(1, minutes),
          StartTimeBuffer: joinBefore,
          EndTimeBuffer: 0,
        },
      } satisfies Booking
    }),
  )
}

/** The id of the meeting that a link joins. A personal link has none. */
const meetingIn = (link: string) => /\/(?:j|w|s|wc\/join|wc)\/(\d{9,12})(?:\/|\?|#|$)/.exec(link)?.[1]

/** Zoom's clouds beside the commercial one (Zoom's documentation): the ids of their meetings mean nothing elsewhere. */
const clouds = ['zoomgov.com', 'zoom.com.cn', 'zoom-x.de']
const cloudOf = (url: string) =>
  clouds.find((domain) => `.${URL.parse(url)?.hostname ?? ''}`.endsWith(`.${domain}`))
