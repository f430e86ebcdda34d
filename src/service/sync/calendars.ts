import type { CalendarEvent, KnownZoom } from '../../contract/calendar-event.ts'
import { Problem } from '../../contract/problems.ts'
import type { RoomEvent } from '../../contract/rooms.ts'
import type { Access } from '../connections/access.ts'
import type { ExchangeMailboxes } from '../connections/exchange-mailboxes.ts'
import { type ExchangeCalendar, mayPass } from '../providers/exchange/requests.ts'
import type { GraphCalendar } from '../providers/graph/http.ts'
import { type Calendar, calendarAt, type Provider, type Window } from '../providers/provider.ts'
import { isRefused } from './moved.ts'
import type { Watches, Way } from './watches.ts'

/** A provider that also says what an app may show of a calendar. */
type Showing<Mailbox> = Provider<Mailbox> & {
  shown(calendar: Mailbox, window: Window, signal: AbortSignal, zoom: KnownZoom): Promise<CalendarEvent[]>
}

interface Needs {
  graph: Showing<GraphCalendar> & {
    hasMailbox(calendar: GraphCalendar, signal: AbortSignal): Promise<boolean>
    shownInRoom(calendar: GraphCalendar, window: Window, signal: AbortSignal): Promise<RoomEvent[]>
  }
  exchange: Showing<ExchangeCalendar>
  access: Pick<Access, 'use'>
  /** Access tokens of the application itself, by directory. */
  ofApplication(directory: string, refused: string | undefined): Promise<string>
  mailboxes: ExchangeMailboxes
  watches: Pick<Watches, 'wayTo'>
}

/** People's calendars, each at its provider. `known`: how it is connected, as has just been read. */
export function calendars({ graph, exchange, access, ofApplication, mailboxes, watches }: Needs) {
  const inMicrosoft365 = (subject: string, known?: Way): GraphCalendar => ({
    mailbox: subject.split(':')[2] ?? '',
    async accessToken(refused) {
      const way = (refused === undefined && known) || (await watches.wayTo(subject))
      if (!way) throw new Problem('calendar_not_connected')
      return way === 'microsoft'
        ? access.use(subject, refused)
        : ofApplication(subject.split(':')[1] ?? '', refused)
    },
  })
  /** As the application opens it by its own permissions, whatever its person has connected. */
  const ofOwnPermissions = (subject: string): GraphCalendar => ({
    ...inMicrosoft365(subject),
    accessToken: (refused) => ofApplication(subject.split(':')[1] ?? '', refused),
  })
  const connectedOnExchange = (subject: string): ExchangeCalendar => ({
    subject,
    access: () => mailboxes.open(subject),
    prove: (act) => mailboxes.prove(subject, act),
  })
  return {
    calendarOf: (subject: string, known?: Way): Calendar =>
      subject.startsWith('exch:')
        ? calendarAt(exchange, connectedOnExchange(subject))
        : calendarAt(graph, inMicrosoft365(subject, known)),
    onExchange: (mailbox: ExchangeCalendar): Calendar => calendarAt(exchange, mailbox),
    /** The mailbox of this person in Entra, as the application opens it, although nothing is connected. */
    byApplication: (subject: string): Calendar => calendarAt(graph, ofOwnPermissions(subject)),
    /** The events of a calendar in Microsoft 365 or on an Exchange server, as an app may show them. */
    shown: (subject: string, window: Window, signal: AbortSignal, zoom: KnownZoom) =>
      subject.startsWith('exch:')
        ? exchange.shown(connectedOnExchange(subject), window, signal, zoom).catch(async (error) => {
            // A server that has the mailbox no more says so once more, and the connection ends.
            if (isRefused(error) && !mayPass(error)) await mailboxes.check(subject)
            throw error
          })
        : graph.shown(inMicrosoft365(subject), window, signal, zoom),
    /** The events of the calendar of a room, as its screens may show them. */
    shownInRoom: (subject: string, window: Window, signal: AbortSignal) =>
      graph.shownInRoom(ofOwnPermissions(subject), window, signal),
    /** Whether Exchange Online has the mailbox of this person in Entra. False: it says that it has not. */
    isOnline: (subject: string, signal: AbortSignal) => graph.hasMailbox(inMicrosoft365(subject), signal),
  }
}
