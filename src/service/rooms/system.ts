import type { Audit } from '../audit/audit.ts'
import type { MailboxActs } from '../connections/mailboxes.ts'
import { applicationIn } from '../connections/microsoft-application.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { PasscodeOf } from '../connector/bookings.ts'
import type { ConnectorSettings } from '../connector/settings.ts'
import { roomSystems } from '../connector/systems.ts'
import type { Database } from '../database/open.ts'
import { newId, streams } from '../feed/streams.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { App } from '../vault/lasting-key.ts'
import { sealedJson } from '../vault/sealed-json.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { roomAdminRoutes } from './admin-routes.ts'
import { graphPlaces } from './places.ts'
import { type OnScreen, roomActs } from './rooms.ts'
import { roomRoutes } from './routes.ts'
import { roomScreens, type Screen } from './screens.ts'
import { type ReadRoom, roomCalendars } from './shown.ts'

interface Needs {
  settings: Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'GRAPH_URL'> &
    IdentitySettings &
    Pick<ServerSettings, 'SWEEP_SECONDS'> &
    ConnectorSettings &
    Pick<ZoomSettings, 'ZOOM_API_URL'>
  database: Database
  audit: Audit
  credentials: Credentials
  app: App
  mailboxes: Pick<MailboxActs, 'connect' | 'disconnect' | 'read'>
  read: ReadRoom
  passcodeOf: PasscodeOf
  connected(subject: string): void
  /** This process hears from now on of changes that others are told of. */
  hear(): Promise<void>
  log: Log
}

/** Milliseconds between two rounds in which a process takes the room systems that no other one holds. */
const systemsEvery = 15_000

/** Rooms, their screens and their room systems. */
export function roomsSystem({
  settings,
  database,
  audit,
  mailboxes,
  read,
  passcodeOf,
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
  stop(): Promise<void>
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
  const systems = roomSystems({
    settings,
    database,
    audit,
    sealed,
    async roomOf(directory, room) {
      const [one] = await rooms.on({ id: '', kind: 'room', directory, room, building: '', floor: '' })
      return one
    },
    read,
    passcodeOf,
    hear,
    log,
  })
  const rooms = roomActs({
    database,
    audit,
    sealed,
    screens,
    mailboxes,
    systems,
    places,
    connected(subject) {
      calendars.forget(subject)
      systems.changed(subject)
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
      systems.changed(subject)
      for (const [screen, { rooms }] of showing) if (rooms.has(subject)) open.changed(screen, newId())
    },
    doubt() {
      for (const { rooms } of showing.values()) for (const subject of rooms) calendars.forget(subject)
      open.doubt()
      systems.doubt()
    },
    async stop() {
      open.stop()
      await systems.stop()
    },
    routes(api, guards) {
      roomAdminRoutes(api, rooms, screens, systems)
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
    work: [
      { name: 'room-pairings', interval: settings.SWEEP_SECONDS * 1000, round: screens.forgetEnded },
      { name: 'room-systems', interval: systemsEvery, round: systems.round },
    ],
  }
}
