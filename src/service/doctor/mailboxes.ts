import { z } from 'zod'
import { applicationIn, microsoftApplication } from '../connections/microsoft-application.ts'
import { type Check, type Found, found, unlessLate } from './around.ts'
import { directoryOf, ownToken } from './entra.ts'

// What the application's own permissions open, for mailboxes that the administrator names.

/** Days before and after now, and events, which are enough to see how a room keeps what it accepts. */
const [past, coming, most] = [30, 60, 50]

/** "event resource type". What it has is compared here, and is neither kept nor shown. */
const event = z.object({
  isOrganizer: z.boolean(),
  subject: z.string().trim().nullish(),
  bodyPreview: z.string().trim(),
  organizer: z.object({ emailAddress: z.object({ name: z.string().trim().nullish() }) }),
})
type Event = z.infer<typeof event>
const events = z.object({ value: z.array(event) })

const hasNoTitle = ({ subject, organizer }: Event) => !subject || subject === organizer.emailAddress.name
const beginsWithOrganiser = ({ subject, organizer: { emailAddress } }: Event) =>
  Boolean(emailAddress.name && subject?.startsWith(`${emailAddress.name} `))

/**
 * Whether a room keeps the title and the text of what it accepts. Graph does not say how a room is set
 * (`Get-CalendarProcessing`: `DeleteSubject`, `AddOrganizerToSubject`, `DeleteComments`), but its events show it.
 */
export const room: Check = {
  after: ['entraSecret'],
  concerns: ({ room }) => room !== undefined,
  async look(around, signal) {
    const { GRAPH_URL: graph } = around.settings
    const { room = '' } = around
    const { token } = await ownToken(around, graph, signal)
    if (!token) return found('mailbox_unclear', { mailbox: room })
    const day = 86_400_000
    const asked = new URLSearchParams({
      startDateTime: new Date(Date.now() - past * day).toISOString(),
      endDateTime: new Date(Date.now() + coming * day).toISOString(),
      $select: 'isOrganizer,subject,bodyPreview,organizer',
      $top: String(most),
    })
    const answer = await fetch(`${graph}/v1.0/users/${encodeURIComponent(room)}/calendarView?${asked}`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal,
    }).catch(unlessLate(signal))
    const said = events.safeParse(await answer?.json().catch(() => undefined))
    const status = answer?.status ?? 0
    if (!answer) return found('graph_unreachable', { address: new URL(graph).host })
    if (status === 401 || status === 403) return found('mailbox_closed', { mailbox: room })
    if (status === 404) return found('mailbox_missing', { mailbox: room })
    if (!said.success) return found('mailbox_unclear', { mailbox: room })
    // What the room itself has organised went through no acceptance.
    const accepted = said.data.value.filter(({ isOrganizer }) => !isOrganizer)
    const count = accepted.length
    if (count === 0) return found('room_empty', { room })
    const faults: Found[] = []
    if (accepted.every(({ bodyPreview }) => !bodyPreview)) faults.push(found('room_text', { room, count }))
    if (accepted.every(hasNoTitle)) faults.push(found('room_title', { room, count }))
    else if (accepted.every((event) => hasNoTitle(event) || beginsWithOrganiser(event)))
      faults.push(found('room_organiser', { room, count }))
    return faults.length > 0 ? faults : found('room_good', { room, count })
  },
}

/** Whether Exchange limits the application to some mailboxes: one that it must open, and one that it must not. */
export const scope: Check = {
  after: ['entraSecret'],
  concerns: ({ mailbox, outside }) => mailbox !== undefined || outside !== undefined,
  async look(around) {
    const { settings, log, mailbox, outside } = around
    const reach = microsoftApplication(applicationIn(settings), log)
    const named = [
      [mailbox, true],
      [outside, false],
    ] as const
    const faults: Found[] = []
    for (const [address, isInside] of named) {
      if (address === undefined) continue
      const { kind } = await reach(directoryOf(around), address)
      const values = { mailbox: address }
      if (kind === 'no_calendar') faults.push(found('mailbox_missing', values))
      else if (kind !== 'reached' && kind !== 'not_permitted') faults.push(found('mailbox_unclear', values))
      else if ((kind === 'reached') !== isInside)
        faults.push(found(isInside ? 'mailbox_closed' : 'scope_open', values))
    }
    return faults.length > 0 ? faults : found('scope_good')
  },
}
