import type { Generated } from 'kysely'

/** Everything that is kept. No column can hold what an event says: each has a narrow form, checked by the database. */
export interface Tables {
  hosts: HostsTable
  meetings: MeetingsTable
}

/** Whose Zoom account a caller schedules with, fixed at first use. */
interface HostsTable {
  /** `entra:<tid>:<oid>` */
  subject: string
  /** Zoom's user id. */
  zoom_user_id: string
}

/** The Zoom meetings we made, and those that we are making. */
interface MeetingsTable {
  subject: string
  /** What the add-in keeps on the item: 128 random bits, base64url. */
  key: string
  /** Null while the meeting is being made, or when nobody knows whether it was. */
  zoom_meeting_id: string | null
  /** How often its making was begun. */
  attempts: Generated<number>
  /** Who works on it now, and until when that counts. */
  lease: string | null
  leased_until: Date | null
}
