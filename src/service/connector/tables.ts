import type { Generated } from 'kysely'
import type { RoomSystemState } from '../../contract/admin-rooms.ts'

/** The table of `connector`. No column can hold event content: what a device is told is read again each time. */
export type ConnectorTables = { room_systems: RoomSystemsTable }

/** The room system of a room. */
interface RoomSystemsTable {
  /** The number of the room. */
  room: string
  kind: 'cisco'
  /** Where it is, its account and its serial number: `StoredSystem`. */
  sealed: Buffer
  state: Generated<RoomSystemState>
  state_at: Generated<Date>
  /** The process that is connected with it, and until when no other one connects. */
  holder: string
  held_until: Date
}
