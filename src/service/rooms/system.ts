import type { Audit } from '../audit/audit.ts'
import type { MailboxActs } from '../connections/mailboxes.ts'
import { applicationIn } from '../connections/microsoft-application.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { Database } from '../database/open.ts'
import { newId, streams } from '../feed/streams.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { App } from '../vault/lasting-key.ts'
import { sealedJson } from '../vault/sealed-json.ts'
import { roomAdminRoutes } from './admin-routes.ts'
import { graphPlaces } from './places.ts'
import { type OnScreen, roomActs } from './rooms.ts'
import { roomRoutes } from './routes.ts'
import { roomScreens, type Screen } from './screens.ts'
import { type ReadRoom, roomCalendars } from './shown.ts'

interface Needs {
  settings: Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'GRAPH_URL'> &
    IdentitySettings &
    Pick<ServerSettings, 'SWEEP_SECONDS'>
  database: Database
  audit: Audit
  credentials: Credentials
  app: App
  mailboxes: Pick<MailboxActs, 'connect' | 'disconnect' | 'read'>
  read: ReadRoom
  connected(subject: string): void
  /** This process hears from now on of changes that others are told of. */
  hear(): Promise<void>
  log: Log
}

/** Rooms and their screens. */
export function roomsSystem({
  settings,
  database,
  audit,
  mailboxes,
  read,
  connected,
  hear,
  log,
  app,
  credentials,
}: Needs): System & {
  /** Something has changed in the calendar of this room, or person. */
  changed(subject: string): void
  /** Something may have changed in any calendar. */
  doubt(): void
  stop(): void
} {
  const calendars = roomCalendars(read)
  const sealed = sealedJson(app, 'rooms', credentials, log)
  const ended = (gone: readonly string[]) => {
    for (const id of gone) open.endSession(id)
  }
  const screens = roomScreens({ database, audit, sealed, ended })
  const open = streams(screens.stillThere)
  /** The rooms of each screen that hears of changes from this process, and how many streams it has. */
  const showing = new Map<string, { rooms: ReadonlySet<string>; streams: number }>()
  const places = graphPlaces(applicationIn(settings), log)
  const rooms = roomActs({
    database,
    audit,
    sealed,
    screens,
    mailboxes,
    places,
    connected(subject) {
      calendars.forget(subject)
      connected(subject)
    },
    removed(subject, gone) {
      calendars.forget(subject)
      ended(gone)
    },
  })

  /** The rooms of a screen as they are now, of which it hears from now on. */
  async function roomsOn(screen: Screen): Promise<OnScreen[]> {
    const all = await rooms.on(screen)
    const known = showing.get(screen.id)
    if (known) known.rooms = new Set(all.map(({ subject }) => subject))
    return all
  }

  return {
    changed(subject) {
      calendars.forget(subject)
      for (const [screen, { rooms }] of showing) if (rooms.has(subject)) open.changed(screen, newId())
    },
    doubt() {
      for (const { rooms } of showing.values()) for (const subject of rooms) calendars.forget(subject)
      open.doubt()
    },
    stop: () => open.stop(),
    routes(api, guards) {
      roomAdminRoutes(api, rooms, screens)
      roomRoutes(api, guards, {
        screens,
        async show(screen, isNews) {
          await hear()
          const all = await roomsOn(screen)
          const { kind, building, floor } = screen
          const name = kind === 'room' ? (all[0]?.name ?? '') : [building, floor].filter(Boolean).join(', ')
          return { kind, name, rooms: await Promise.all(all.map((room) => calendars.show(room, isNews))) }
        },
        async open(screen, answer, since) {
          await hear()
          open.open(answer, { subject: screen.id, session: screen.id }, since)
          const one = showing.get(screen.id) ?? { rooms: new Set(), streams: 0 }
          showing.set(screen.id, one)
          one.streams++
          answer.once('close', () => --one.streams === 0 && showing.delete(screen.id))
          await roomsOn(screen)
        },
      })
    },
    work: [{ name: 'room-pairings', interval: settings.SWEEP_SECONDS * 1000, round: screens.forgetEnded }],
  }
}
