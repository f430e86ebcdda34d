import { sql } from 'kysely'
import type { RoomSystem, RoomSystemRequest } from '../../contract/admin-rooms.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Acting } from '../connections/mailboxes.ts'
import { aboutSystem, type Needs as Followed, following, heldSeconds, storedSystem } from './following.ts'
import type { ConnectorTables } from './tables.ts'

interface Needs extends Followed {
  audit: Audit
}

/** A room that has been added. */
interface Room {
  id: string
  subject: string
}

/** Milliseconds for which an administrator waits to see what came of it. */
const patience = 10_000

export type RoomSystems = ReturnType<typeof roomSystems>

/** Room systems of Cisco, which the service books: one for each room, with its account. */
export function roomSystems(needs: Needs) {
  const { settings, database: ground, audit, sealed } = needs
  const followed = following(needs)
  const database = ground.withTables<ConnectorTables>()
  const { me, changed, doubt, stop, round } = followed

  const find = (id: string) =>
    database.selectFrom('room_systems').selectAll().where('room', '=', id).executeTakeFirst()

  const hostOf = async (subject: string, bytes: Buffer) =>
    storedSystem.safeParse(await sealed.open(aboutSystem(subject), bytes)).data?.host

  return {
    isOn: settings.ROOM_SYSTEM_NETWORKS !== undefined,
    changed,
    doubt,
    stop,
    round,

    /** Null: the room has none. */
    async of({ id, subject }: Room): Promise<RoomSystem | null> {
      const row = await find(id)
      if (!row) return null
      const stored = storedSystem.safeParse(await sealed.open(aboutSystem(subject), row.sealed)).data
      return {
        kind: row.kind,
        host: stored?.host ?? '',
        titles: stored?.titles ?? false,
        state: stored ? row.state : 'unreadable',
        since: row.state_at.toISOString(),
      }
    },

    /** Gives a room its room system, or another one. Throws `room_systems_off`. */
    async save(
      { by, directory }: Acting,
      { id, subject }: Room,
      { kind, ...stored }: RoomSystemRequest,
    ): Promise<void> {
      if (!settings.ROOM_SYSTEM_NETWORKS) throw new Problem('room_systems_off')
      const row = {
        kind,
        sealed: await sealed.seal(aboutSystem(subject), stored),
        state: 'new',
        state_at: sql<Date>`now()`,
        holder: me,
        held_until: sql<Date>`now() + make_interval(secs => ${heldSeconds})`,
      } as const
      const before = await find(id)
      await audit.together(ground, async (all, record) => {
        await all
          .withTables<ConnectorTables>()
          .insertInto('room_systems')
          .values({ room: id, ...row })
          .onConflict((conflict) => conflict.column('room').doUpdateSet(row))
          .execute()
        await record({
          act: 'room system saved',
          caller: by,
          organisation: `entra:${directory}`,
          subject: `person:${subject}`,
        })
      })
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, patience)
      const told = async () => {
        if (before && (await hostOf(subject, before.sealed)) !== stored.host)
          await followed.empty(subject, before.sealed)
        await followed.saved(id)
      }
      await Promise.race([told(), late.promise]).finally(() => clearTimeout(timer))
    },

    /** Throws `no_room_system`. */
    async remove({ by, directory }: Acting, { id, subject }: Room): Promise<void> {
      const row = await find(id)
      if (!row) throw new Problem('no_room_system')
      await audit.together(ground, async (all, record) => {
        await all.withTables<ConnectorTables>().deleteFrom('room_systems').where('room', '=', id).execute()
        await record({
          act: 'room system removed',
          caller: by,
          organisation: `entra:${directory}`,
          subject: `person:${subject}`,
        })
      })
      await followed.empty(subject, row.sealed)
    },

    /** The room is about to be removed. What is returned then takes all bookings from its device. */
    async leaving({ id, subject }: Room): Promise<() => Promise<void>> {
      const row = await find(id)
      return async () => {
        if (row) await followed.empty(subject, row.sealed)
      }
    },
  }
}
