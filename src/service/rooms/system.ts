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
import { roomActs } from './rooms.ts'
import { roomRoutes } from './routes.ts'
import { roomScreens } from './screens.ts'
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
  const screens = roomScreens({
    database,
    audit,
    sealed,
    ended(gone) {
      for (const id of gone) open.endSession(id)
    },
  })
  const open = streams(screens.stillThere)
  /** Which screens of this process show each room. */
  const showing = new Map<string, Set<string>>()
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
  })

  return {
    changed(subject) {
      calendars.forget(subject)
      for (const screen of showing.get(subject) ?? []) open.changed(screen, newId())
    },
    doubt() {
      for (const subject of showing.keys()) calendars.forget(subject)
      open.doubt()
    },
    stop: () => open.stop(),
    routes(api, guards) {
      roomAdminRoutes(api, rooms, screens)
      roomRoutes(api, guards, {
        screens,
        async show(screen) {
          const all = await rooms.on(screen)
          const { kind, building, floor } = screen
          const name = kind === 'room' ? (all[0]?.name ?? '') : [building, floor].filter(Boolean).join(', ')
          return { kind, name, rooms: await Promise.all(all.map(calendars.show)) }
        },
        async open(screen, answer, since) {
          await hear()
          const all = await rooms.on(screen)
          for (const { subject } of all)
            showing.set(subject, (showing.get(subject) ?? new Set()).add(screen.id))
          answer.once('close', () => {
            for (const { subject } of all) {
              showing.get(subject)?.delete(screen.id)
              if (showing.get(subject)?.size === 0) showing.delete(subject)
            }
          })
          open.open(answer, { subject: screen.id, session: screen.id }, since)
        },
      })
    },
    work: [{ name: 'room-pairings', interval: settings.SWEEP_SECONDS * 1000, round: screens.forgetEnded }],
  }
}
