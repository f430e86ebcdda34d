import type { Generated } from 'kysely'

/** The table of `meetings`. No column can hold event content: the database checks a narrow form for each. */
export type MeetingsTables = {
  meetings: MeetingsTable
}

/** The Zoom meetings that the service has created or is creating. */
interface MeetingsTable {
  /** The caller who created it, or is creating it. */
  subject: string
  /** The key that the add-in stores on the item: 128 random bits, base64url. */
  key: string
  /** The Zoom user who hosts it. Null: created before this was stored. */
  host_id: string | null
  /** The caller created it for somebody else. */
  delegated: Generated<boolean>
  /** Null while the meeting is being created, or when it is unknown whether it was. */
  zoom_meeting_id: string | null
  /** How often its creation was started. */
  attempts: Generated<number>
  /** The request that works on it now, and until when it has the record to itself. */
  lease: string | null
  leased_until: Date | null
  /** The ticket that can change this meeting: its SHA-256, its caller, when their proof was issued, and when it expires. */
  ticket: Buffer | null
  ticket_subject: string | null
  ticket_proved_at: Date | null
  ticket_until: Date | null
  /** When Zoom ends the meeting's id, as far as is known, and when to ask Zoom about it next. */
  id_ends: Date | null
  look_at: Date | null
  /** An earlier creation was interrupted: when to search Zoom for a meeting that it completed later. */
  search_at: Date | null
  /** How often in a row periodic work has failed on this record. It waits longer each time. */
  failures: Generated<number>
  /** A keyed hash of the event that the meeting belongs to. Null: sync has not seen it yet, or it is missing. */
  event: Buffer | null
  /**
   * When a request said last that its appointment is in the caller's own calendar, which was watched by then, or when the
   * mailbox of its appointment moved, or was found without it. With an event: since when a job waits, or was given up, to
   * remove the meeting because the provider has reported the event as gone. Null: no appointment is expected, or it has been
   * seen.
   */
  unseen_since: Date | null
  /** Whose calendar that event is in, and its id, sealed. Null: that calendar is not watched, or sync has not seen it. */
  event_of: string | null
  sealed_event: Buffer | null
  /** Somebody has asked for its removal, and for nothing else since: it is not recovered. */
  condemned: Generated<boolean>
  /**
   * How it differs from that event because it was changed in Zoom. `removed`: by sync, because its event was gone. Null: as
   * far as is known, it does not.
   */
  differs: string | null
}
