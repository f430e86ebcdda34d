import { z } from 'zod'
import type { Calendars } from '../../calendars.ts'
import { people, rooms } from '../../people.ts'

const recipients = z.array(z.looseObject({ address: z.string() })).default([])
/** What decides whether a room is invited. */
const sent = z.looseObject({
  seriesId: z.string().nullish(),
  sent: z.boolean().default(false),
  isCancelled: z.boolean().default(false),
  required: recipients,
  optional: recipients,
  locations: z.array(z.looseObject({ id: z.string().optional() })).default([]),
})

/**
 * The mailboxes of rooms accept each invitation by themselves, and follow what the organiser sends. Those here keep titles and
 * texts, as `deploy/room-mailboxes.ps1` sets them. Source: Exchange, "Set-CalendarProcessing".
 */
export function createRooms(calendars: Calendars) {
  const addresses = Object.values(rooms).map(({ emailAddress }) => emailAddress)
  let isStrict = false
  const idIn = (room: string, id: string) => `${id}-in-${room.split('@')[0]}`

  calendars.follow(({ what, kept: { owner, appointment } }) => {
    const { success, data } = sent.safeParse(appointment)
    if (!success || addresses.includes(owner)) return
    const { seriesId, required, optional, locations } = data
    const invited = new Set(
      [...required, ...optional]
        .map(({ address }) => address.toLowerCase())
        .concat(locations.map(({ id = '' }) => id)),
    )
    for (const room of addresses) {
      const id = idIn(room, appointment.id)
      if (what !== 'deleted' && data.sent && !data.isCancelled && invited.has(room))
        calendars.put(
          {
            ...data,
            id,
            ...(seriesId && { seriesId: idIn(room, seriesId) }),
            // Only the organiser's item has what the add-in notes there.
            customProperties: {},
            isOrganizer: false,
            ...(isStrict && { subject: nameOf(owner), body: '' }),
          },
          room,
        )
      else calendars.delete(id)
    }
  })

  return {
    /** Rooms keep the organiser's name in place of a title, and no text, as they do unless somebody sets them otherwise. */
    keepLittle() {
      isStrict = true
    },
    reset() {
      isStrict = false
    },
  }
}

const nameOf = (address: string) =>
  people.find(({ emailAddress }) => emailAddress === address)?.displayName ?? address
