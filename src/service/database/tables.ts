import type { Generated } from 'kysely'

/** Everything that is kept. No column can hold what an event says: each has a narrow form, checked by the database. */
export interface Tables {
  callers: CallersTable
  meetings: MeetingsTable
  sessions: SessionsTable
  zoom_logins: ZoomLoginsTable
  zoom_login_codes: ZoomLoginCodesTable
}

/** What is settled about a caller. */
interface CallersTable {
  /** `entra:<tid>:<oid>` or `exch:<SHA-256>`, see `identity/`. */
  subject: string
  /** Whose Zoom account the caller schedules with. */
  zoom_user_id: string | null
  /** When the caller disconnected: whatever was proved before counts no more. */
  valid_from: Date | null
}

/** The Zoom meetings we made, and those that we are making. */
interface MeetingsTable {
  /** Who made it, or is making it. */
  subject: string
  /** What the add-in keeps on the item: 128 random bits, base64url. */
  key: string
  /** Whose meeting it is at Zoom. Null: made before that was kept. */
  host_id: string | null
  /** Whoever made it did so for somebody else. */
  delegated: Generated<boolean>
  /** Null while the meeting is being made, or when nobody knows whether it was. */
  zoom_meeting_id: string | null
  /** How often its making was begun. */
  attempts: Generated<number>
  /** Who works on it now, and until when that counts. */
  lease: string | null
  leased_until: Date | null
  /** SHA-256 of the ticket that can change this meeting, whose it is, when their proof was issued, and until when it counts. */
  ticket: Buffer | null
  ticket_subject: string | null
  ticket_proved_at: Date | null
  ticket_until: Date | null
  /** When Zoom ends the meeting's id, as far as we know, and when we next ask Zoom about it. */
  id_ends: Date | null
  look_at: Date | null
  /** A making was interrupted before this one: when to search Zoom for what it has made since. */
  search_at: Date | null
}

/** The sessions that identity tokens of Exchange were exchanged for. */
interface SessionsTable {
  /** SHA-256 of the bearer. */
  secret: Buffer
  subject: string
  /** When Exchange issued the identity token. */
  proved_at: Date
  until: Date
}

/** Sign-ins to Zoom that have begun. */
interface ZoomLoginsTable {
  /** SHA-256 of OAuth's `state`. */
  state: Buffer
  /** SHA-256 of what only the add-in that began it knows. */
  challenge: Buffer
  /** Our own proof key for Zoom (RFC 7636), before base64url. */
  verifier: Buffer
  until: Date
}

/** Sign-ins to Zoom that have succeeded and that the add-in has not picked up. */
interface ZoomLoginCodesTable {
  /** SHA-256 of the one-time code. */
  code: Buffer
  challenge: Buffer
  zoom_user_id: string
  until: Date
}
