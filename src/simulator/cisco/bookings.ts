import { z } from 'zod'

/** What `xCommand Bookings Put` takes (RoomOS 26.4 schema). The whole list replaces the last one. */
const booking = z.looseObject({
  Id: z.string().min(1),
  Title: z.string(),
  Privacy: z.enum(['Public', 'Private']).optional(),
  MeetingPlatform: z.enum(['GoogleMeet', 'MicrosoftTeams', 'Zoom', 'Webex', 'Other', 'None']).optional(),
  Protocol: z.enum(['SIP', 'H323', 'ISDN', 'IP', 'Spark', 'WebRTC', 'None']),
  Number: z.string(),
  Organizer: z.looseObject({ Name: z.string() }),
  Time: z.looseObject({
    StartTime: z.iso.datetime(),
    Duration: z.int().min(1),
    StartTimeBuffer: z.int().min(0).default(300),
  }),
})
export const bookings = z.object({ Bookings: z.array(booking) })
export type Booking = z.infer<typeof booking>
