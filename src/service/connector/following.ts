import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import type { RoomSystemState } from '../../contract/admin-rooms.ts'
import type { RoomEvent } from '../../contract/rooms.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Window } from '../providers/provider.ts'
import type { RoomsTables } from '../rooms/tables.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import type { SealedJson } from '../vault/sealed-json.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { ahead, bookingsOf, type PasscodeOf } from './bookings.ts'
import { limited } from './limited.ts'
import type { ConnectorSettings } from './settings.ts'
import type { ConnectorTables } from './tables.ts'
import { openXapi, type Xapi, XapiFailed } from './xapi.ts'

export interface Needs {
  settings: ConnectorSettings & Pick<ZoomSettings, 'ZOOM_API_URL'>
  database: Database
  sealed: SealedJson
  /** A room as its screens have it. Undefined: it is none any more. */
  roomOf(directory: string, id: string): Promise<{ name: string; isOpen: boolean } | undefined>
  read(subject: string, window: Window, signal: AbortSignal): Promise<RoomEvent[]>
  passcodeOf: PasscodeOf
  /** This process hears from now on of changes that others are told of. */
  hear(): Promise<void>
  log: Log
}

/** What is sealed of a room system. */
export const storedSystem = z.object({
  host: z.string(),
  user: z.string(),
  password: z.string(),
  pin: z.string(),
  titles: z.boolean(),
  /** Of the device that was there first. Undefined: none has answered yet. */
  serial: z.string().optional(),
})
export type StoredSystem = z.infer<typeof storedSystem>

export const aboutSystem = (subject: string) => ['room system 1', subject]

/** A room system that this process is connected with, or tries to be. */
interface Held {
  room: string
  subject: string
  directory: string
  sealed: Buffer
  state: RoomSystemState
  session?: Xapi | undefined
  /** A hash of what the device was told in this session. */
  told?: Buffer | undefined
  failures: number
  timer?: NodeJS.Timeout | undefined
  running?: Promise<void> | undefined
  /** Something has changed since the run began. */
  again: boolean
  /** The device has asked for its list. */
  asks: boolean
  /** Milliseconds since 1970: when it was given its list last. */
  toldAt: number
}

/** Seconds for which a process holds a room system after its last round. */
export const heldSeconds = 60
/** Milliseconds: between two readings without news; and between two attempts, which double. */
const [every, firstPause, longestPause] = [240_000, 2_000, 600_000]
/** Milliseconds after a list until a device that asks gets it again. */
const quiet = 5_000
/** Milliseconds for one reading of a calendar. */
const patience = 15_000
/** Room systems that a process reads and tells at a time, and takes in one round. */
const [atOnce, mostTaken] = [12, 500]
/** Milliseconds by which a clock may be wrong. */
const mostWrong = 120_000
/** An administrator has to decide. Until then the device is left alone: wrong passwords lock accounts. */
const waitsForPerson = ['refused', 'another'] as const satisfies RoomSystemState[]

/** Keeps what room systems are told as the calendars of their rooms are. Each is connected with one process. */
export function following({
  settings,
  database: ground,
  sealed,
  roomOf,
  read,
  passcodeOf,
  hear,
  log,
}: Needs) {
  const networks = settings.ROOM_SYSTEM_NETWORKS
  const database = ground.withTables<ConnectorTables & RoomsTables>()
  const me = randomUUID()
  const held = new Map<string, Held>()
  const inTurn = limited(atOnce)
  let isStopped = false

  /** Takes those that no process holds, and drops those that are another one's. */
  async function round(): Promise<void> {
    if (!networks || isStopped) return
    const until = sql<Date>`now() + make_interval(secs => ${heldSeconds})`
    await database.updateTable('room_systems').set({ held_until: until }).where('holder', '=', me).execute()
    await database
      .updateTable('room_systems')
      .set({ holder: me, held_until: until })
      .where('room', 'in', (of) =>
        of
          .selectFrom('room_systems')
          .select('room')
          .where('held_until', '<', sql<Date>`now()`)
          .orderBy('held_until')
          .limit(mostTaken)
          .forUpdate()
          .skipLocked(),
      )
      .execute()
    const rows = await database
      .selectFrom('room_systems')
      .innerJoin('rooms', 'rooms.id', 'room_systems.room')
      .select(['room', 'subject', 'directory', 'room_systems.sealed', 'state'])
      .where('holder', '=', me)
      .execute()
    const mine = new Map(rows.map((row) => [row.room, row]))
    for (const one of held.values()) {
      const row = mine.get(one.room)
      if (!row?.sealed.equals(one.sealed)) drop(one)
    }
    if (rows.length > 0) await hear()
    for (const row of rows)
      if (!held.has(row.room) && !isStopped) {
        held.set(row.room, { ...row, failures: 0, again: false, asks: false, toldAt: 0 })
        later(row.room, Math.random() * firstPause)
      }
  }

  function drop(one: Held): void {
    clearTimeout(one.timer)
    one.session?.close()
    if (held.get(one.room) === one) held.delete(one.room)
  }

  function later(room: string, wait: number): void {
    const one = held.get(room)
    if (!one || isStopped) return
    clearTimeout(one.timer)
    one.timer = setTimeout(() => void run(one), wait).unref()
  }

  /** Reads the calendar and tells the device, once for all that ask meanwhile. */
  async function run(one: Held): Promise<void> {
    if (one.running) {
      one.again = true
      return one.running
    }
    if (isStopped || held.get(one.room) !== one || waits(one.state)) return
    clearTimeout(one.timer)
    one.running = inTurn(() => attempt(one))
    await one.running
    one.running = undefined
    if (one.again) {
      one.again = false
      return run(one)
    }
  }

  async function attempt(one: Held): Promise<void> {
    // It may have waited for its turn.
    if (isStopped || held.get(one.room) !== one) return end(one)
    let state: RoomSystemState
    try {
      state = await tell(one)
      one.failures = 0
    } catch (error) {
      state = error instanceof XapiFailed ? error.reason : 'calendar'
      one.failures++
      // The next attempt begins from nothing, also where the answer to a list was lost.
      if (error instanceof XapiFailed) end(one)
      log.warn('work failed', { work: 'room-systems', ...reasonOf(error) })
    }
    if (held.get(one.room) !== one) return end(one)
    await settle(one, state).catch((error) =>
      log.warn('work failed', { work: 'room-systems', ...reasonOf(error) }),
    )
    if (one.failures === 0 && one.asks) return later(one.room, whenAsked(one))
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(one.failures - 1, 20))
    // Many devices that went away together come back apart.
    later(one.room, (one.failures > 0 ? pause : every) * (0.5 + Math.random() / 2))
  }

  function end(one: Held): void {
    one.session?.close()
    one.session = undefined
    one.told = undefined
    one.asks = false
  }

  async function tell(one: Held): Promise<RoomSystemState> {
    const stored = storedSystem.safeParse(await sealed.open(aboutSystem(one.subject), one.sealed)).data
    if (!stored || !networks) {
      end(one)
      return 'unreadable'
    }
    const session = one.session ?? (await connected(one, stored, networks))
    const serial = await session.status(['Status', 'SystemUnit', 'Hardware', 'Module', 'SerialNumber'])
    if (stored.serial === undefined && !(await isElsewhere(one, serial)))
      await remember(one, { ...stored, serial })
    else if (stored.serial !== serial) {
      end(one)
      return 'another'
    }
    const clock = Date.parse(await session.status(['Status', 'Time', 'SystemTime']))
    const body = await listFor(one, stored)
    const hash = sha256(body)
    if ((one.asks && whenAsked(one) === 0) || !one.told?.equals(hash)) {
      if (!(await isAsHeld(one))) {
        drop(one)
        return one.state
      }
      one.asks = false
      await session.command('Bookings/Put', { body })
      one.told = hash
      one.toldAt = Date.now()
    }
    return Math.abs(clock - Date.now()) > mostWrong ? 'clock' : 'current'
  }

  async function connected(one: Held, stored: StoredSystem, within: NonNullable<typeof networks>) {
    const session = await openXapi(stored, within, (said) => {
      if (!asksForList(said)) return
      one.asks = true
      if (!one.running) later(one.room, whenAsked(one))
    })
    one.session = session
    one.told = undefined
    void session.closed.then(() => {
      if (one.session !== session) return
      end(one)
      if (!one.running) later(one.room, firstPause * Math.random())
    })
    await session.subscribe(['Event', 'Bookings', 'SyncRequired'])
    return session
  }

  /** Whether it is stored as it is held. Not: it was removed, is another one, or is another process's. */
  async function isAsHeld(one: Held): Promise<boolean> {
    const row = await database
      .selectFrom('room_systems')
      .select('room')
      .where('room', '=', one.room)
      .where('holder', '=', me)
      .where('sealed', '=', one.sealed)
      .executeTakeFirst()
    return row !== undefined
  }

  /** What the device is to show. A room whose calendar may not be read any more shows nothing. */
  async function listFor({ room, subject, directory }: Held, { titles }: StoredSystem): Promise<string> {
    const shown = await roomOf(directory, room)
    const now = Date.now()
    const events = shown?.isOpen
      ? await read(subject, { from: now, to: now + ahead }, AbortSignal.timeout(patience))
      : []
    const { ROOM_SYSTEM_SIP_DOMAIN: domain, ZOOM_API_URL: zoom } = settings
    const told = { room: shown?.name ?? '', titles, domain, zoom, passcodeOf }
    return JSON.stringify({ Bookings: await bookingsOf(events, now, told) })
  }

  /** Whether another room of the same organisation has this device. */
  async function isElsewhere({ room, directory }: Held, serial: string): Promise<boolean> {
    const others = await database
      .selectFrom('room_systems')
      .innerJoin('rooms', 'rooms.id', 'room_systems.room')
      .select(['subject', 'room_systems.sealed'])
      .where('directory', '=', directory)
      .where('room', '!=', room)
      .execute()
    for (const other of others) {
      const stored = storedSystem.safeParse(await sealed.open(aboutSystem(other.subject), other.sealed)).data
      if (stored?.serial === serial) return true
    }
    return false
  }

  /** The device that answers first is the one that the administrator means. */
  async function remember(one: Held, stored: StoredSystem): Promise<void> {
    const bytes = await sealed.seal(aboutSystem(one.subject), stored)
    await database
      .updateTable('room_systems')
      .set({ sealed: bytes })
      .where('room', '=', one.room)
      .where('sealed', '=', one.sealed)
      .execute()
    one.sealed = bytes
  }

  async function settle(one: Held, state: RoomSystemState): Promise<void> {
    if (one.state === state) return
    one.state = state
    await database
      .updateTable('room_systems')
      .set({ state, state_at: sql<Date>`now()` })
      .where('room', '=', one.room)
      .where('sealed', '=', one.sealed)
      .execute()
  }

  return {
    me,
    round,

    /** The calendar of this room has changed, or may have. */
    changed(subject: string): void {
      for (const one of held.values()) if (one.subject === subject) void run(one)
    },
    /** Any calendar may have changed. */
    doubt(): void {
      for (const one of held.values()) void run(one)
    },

    /** An administrator has just saved it: this process connects with it at once. Resolves after the first attempt. */
    async saved(room: string): Promise<void> {
      await round()
      const one = held.get(room)
      if (one) await run(one)
    },

    /** Takes all bookings from the device, if it answers. It is forgotten afterwards. */
    async empty(subject: string, bytes: Buffer): Promise<void> {
      for (const one of held.values()) if (one.subject === subject) drop(one)
      const stored = storedSystem.safeParse(await sealed.open(aboutSystem(subject), bytes)).data
      if (!stored || !networks) return
      try {
        const session = await openXapi(stored, networks, () => {})
        await session
          .command('Bookings/Put', { body: JSON.stringify({ Bookings: [] }) })
          .finally(session.close)
      } catch (error) {
        log.warn('work failed', { work: 'room-systems', ...reasonOf(error) })
      }
    },

    /** Other processes may take over at once. */
    async stop(): Promise<void> {
      isStopped = true
      const running = [...held.values()].map((one) => one.running)
      for (const one of held.values()) drop(one)
      await Promise.all(running)
      await database
        .updateTable('room_systems')
        .set({ held_until: sql<Date>`now()` })
        .where('holder', '=', me)
        .execute()
        .catch(() => {})
    },
  }
}

const waits = (state: RoomSystemState) => (waitsForPerson as readonly RoomSystemState[]).includes(state)

/** Milliseconds until a device that asks for its list gets it. */
const whenAsked = ({ toldAt }: Held) => Math.max(0, toldAt + quiet - Date.now())

/** `xFeedback/Event` with `Event.Bookings.SyncRequired`. */
function asksForList(said: unknown): boolean {
  const { Event } = Object(said) as { Event?: { Bookings?: { SyncRequired?: unknown } } }
  return Event?.Bookings?.SyncRequired !== undefined
}
