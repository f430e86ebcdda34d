import type { Mailbox } from '../../contract/admin-mailboxes.ts'
import {
  type Place,
  placeSchema,
  type RoomRequest,
  type RoomScreen,
  type Rooms,
} from '../../contract/admin-rooms.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Acting, MailboxActs } from '../connections/mailboxes.ts'
import { type ConnectionsTables, hasCredential, statesWithCredential } from '../connections/tables.ts'
import type { RoomSystems } from '../connector/systems.ts'
import type { Database } from '../database/open.ts'
import type { IdentityTables } from '../identity/tables.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import type { SealedJson } from '../vault/sealed-json.ts'
import { orderOf, type PlacesOf } from './places.ts'
import type { Screen, Screens } from './screens.ts'
import type { RoomsTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  sealed: SealedJson
  screens: Pick<Screens, 'wallOf'>
  mailboxes: Pick<MailboxActs, 'connect' | 'disconnect' | 'read'>
  systems: Pick<RoomSystems, 'isOn' | 'of' | 'leaving'>
  places: PlacesOf
  /** From now on the calendar of this room is watched. */
  connected(subject: string): void
  /** It is a room no more, and these were its screens. */
  removed(subject: string, screens: readonly string[]): void
}

/** A room that a screen shows. Not `isOpen`: the service may not read its calendar any more. */
export interface OnScreen {
  name: string
  subject: string
  isOpen: boolean
}

/** Rooms that one wall shows at most. */
const mostOnWall = 60

export type RoomActs = ReturnType<typeof roomActs>

/** Rooms that administrators have added, apart from people. Each one's calendar is read by the application's own permissions. */
export function roomActs({
  database: ground,
  audit,
  sealed,
  screens,
  mailboxes,
  systems,
  places,
  connected,
  removed,
}: Needs) {
  const database = ground.withTables<RoomsTables>()

  /** Undefined: its mailbox is connected no more. */
  const mailboxOf = (acting: Acting, objectId: string): Promise<Mailbox | null> =>
    mailboxes.read(acting, objectId).catch((error) => {
      if (error instanceof Problem && error.code === 'mailbox_not_connected') return null
      throw error
    })

  /** By its address, or by the object id of its mailbox. */
  const roomAt = ({ directory }: Acting, name: string) =>
    database
      .selectFrom('rooms')
      .select(['id', 'subject', 'connects'])
      .where('directory', '=', directory)
      .where((either) =>
        either.or([
          either('address', '=', sha256(name.toLowerCase())),
          either('subject', '=', `entra:${directory}:${name}`),
        ]),
      )
      .executeTakeFirst()

  const aboutRoom = (subject: string) => ['room 1', subject]

  /** The rooms of a directory, or this one, by building, floor and name. One that cannot be opened any more is named by its mailbox. */
  async function roomsOf(
    directory: string,
    room: string | null = null,
  ): Promise<(Place & { id: string; subject: string })[]> {
    const rows = await database
      .selectFrom('rooms')
      .select(['id', 'subject', 'sealed'])
      .where('directory', '=', directory)
      .$if(room !== null, (some) => some.where('id', '=', room))
      .execute()
    const rooms = await Promise.all(
      rows.map(async ({ id, subject, sealed: bytes }) => {
        const unknown = { address: '', name: objectIdIn(subject), building: '', floor: '' }
        const place = placeSchema.safeParse(await sealed.open(aboutRoom(subject), bytes)).data ?? unknown
        return { ...place, id, subject }
      }),
    )
    return rooms.toSorted((one, other) => orderOf(one).localeCompare(orderOf(other)))
  }

  /** Rooms whose mailbox is connected, and whose access nobody has ended. */
  async function openIn(directory: string): Promise<Set<string>> {
    const rows = await ground
      .withTables<RoomsTables & ConnectionsTables & IdentityTables>()
      .selectFrom('rooms')
      .innerJoin('callers', 'callers.subject', 'rooms.subject')
      .innerJoin('connections', 'connections.person', 'callers.id')
      .select('rooms.subject')
      .where('rooms.directory', '=', directory)
      .where('provider', '=', 'microsoft-application')
      .where('state', 'in', statesWithCredential)
      .execute()
    return new Set(rows.map(({ subject }) => subject))
  }

  return {
    /** The rooms of the directory, as Microsoft 365 has them. */
    async places({ by: caller, directory }: Acting): Promise<Place[]> {
      await audit.record({ act: 'rooms viewed', caller, organisation: `entra:${directory}` })
      return places.list(directory)
    },

    async list(acting: Acting): Promise<Rooms> {
      const { by: caller, directory } = acting
      await audit.record({ act: 'rooms viewed', caller, organisation: `entra:${directory}` })
      const rooms = await roomsOf(directory)
      const all = await database
        .selectFrom('room_screens')
        .selectAll()
        .where('directory', '=', directory)
        .orderBy('id')
        .execute()
      const shown = (kind: RoomScreen['kind'], { id, paired_at, seen_at }: (typeof all)[number]) => ({
        id,
        kind,
        pairedAt: paired_at.toISOString(),
        seenAt: seen_at.toISOString(),
      })
      return {
        systemsOn: systems.isOn,
        rooms: await Promise.all(
          rooms.map(async ({ id, subject, ...room }) => ({
            ...room,
            objectId: objectIdIn(subject),
            mailbox: await mailboxOf(acting, objectIdIn(subject)),
            screens: all.filter((one) => one.room === id).map((one) => shown('room', one)),
            system: await systems.of({ id, subject }),
          })),
        ),
        walls: await Promise.all(
          all
            .filter((one) => one.room === null)
            .map(async (one) => ({
              ...shown('wall', one),
              ...(await screens.wallOf(directory, one.sealed)),
            })),
        ),
      }
    },

    /** Adds a room, or changes how it is named. Throws what `MailboxActs.connect` and `PlacesOf.objectIdOf` throw. */
    async add(acting: Acting, address: string, named: RoomRequest): Promise<void> {
      const { by, directory } = acting
      const known = await roomAt(acting, address)
      const objectId = known ? objectIdIn(known.subject) : await places.objectIdOf(directory, address)
      // A mailbox that an administrator has connected keeps its permission.
      const before = await mailboxOf(acting, objectId)
      const isOpen = before !== null && hasCredential(before.state)
      if (!isOpen) await mailboxes.connect(acting, objectId, 'read')
      const subject = `entra:${directory}:${objectId}`
      const row = {
        directory,
        address: sha256(address.toLowerCase()),
        sealed: await sealed.seal(aboutRoom(subject), { address, ...named }),
      }
      await audit.together(ground, async (all, record) => {
        await all
          .withTables<RoomsTables>()
          .insertInto('rooms')
          .values({ subject, connects: before === null, ...row })
          .onConflict((conflict) => conflict.column('subject').doUpdateSet(row))
          .execute()
        await record({
          act: 'room added',
          caller: by,
          organisation: `entra:${directory}`,
          subject: `person:${subject}`,
        })
      })
      connected(subject)
    },

    /** Removes a room, its screens and the connection of its mailbox. Throws `room_not_added`. */
    async remove(acting: Acting, address: string): Promise<void> {
      const { by, directory } = acting
      const room = await roomAt(acting, address)
      if (!room) throw new Problem('room_not_added')
      const emptied = await systems.leaving(room)
      const gone = await audit.together(ground, async (all, record) => {
        const within = all.withTables<RoomsTables>()
        const screens = await within
          .deleteFrom('room_screens')
          .where('room', '=', room.id)
          .returning('id')
          .execute()
        await within.deleteFrom('rooms').where('id', '=', room.id).execute()
        await record({
          act: 'room removed',
          caller: by,
          organisation: `entra:${directory}`,
          subject: `person:${room.subject}`,
        })
        return screens.map(({ id }) => id)
      })
      removed(room.subject, gone)
      await emptied()
      if (!room.connects) return
      await mailboxes.disconnect(acting, objectIdIn(room.subject)).catch((error) => {
        if (!(error instanceof Problem && error.code === 'mailbox_not_connected')) throw error
      })
    },

    /** Throws `room_not_added`. */
    async find(acting: Acting, name: string): Promise<{ id: string; subject: string }> {
      const room = await roomAt(acting, name)
      if (!room) throw new Problem('room_not_added')
      return room
    },

    /** What a screen shows: rooms with their names, in order. */
    async on({ directory, room, building, floor, isUnknown }: Screen): Promise<OnScreen[]> {
      const [rooms, open] = await Promise.all([roomsOf(directory, room), openIn(directory)])
      const isShown = (one: (typeof rooms)[number]) =>
        room !== null ||
        (!isUnknown && (!building || one.building === building) && (!floor || one.floor === floor))
      return rooms
        .filter(isShown)
        .slice(0, mostOnWall)
        .map(({ name, subject }) => ({ name, subject, isOpen: open.has(subject) }))
    },
  }
}

const objectIdIn = (subject: string) => subject.split(':')[2] ?? ''
