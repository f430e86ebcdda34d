import type { Generated } from 'kysely'

/** The table of `sync`. No column can hold event content: the database checks a narrow form for each. */
export type SyncTables = {
  watches: WatchesTable
  heartbeat: HeartbeatTable
}

/** One row, for all processes. */
interface HeartbeatTable {
  id: Generated<boolean>
  /** When a process ran last. */
  at: Generated<Date>
  /** No process ran for too long: the calendars of people after this `id` in `callers` are still to be doubted. */
  doubted_to: string | null
}

/** The calendars that are watched: one for each person whose calendar is connected. */
interface WatchesTable {
  /** The `id` in `callers`. */
  person: string
  /** The provider's id of the subscription. Null: there is none, or none any more. */
  subscription: string | null
  /** SHA-256 of the secret that the provider repeats in every notification, or half of it. */
  secret: Buffer | null
  /** When the provider ends the subscription, as it said. */
  expires_at: Date | null
  /** When to renew the subscription, or to make one. */
  due_at: Generated<Date>
  /** When to compare the whole window next. */
  pass_at: Generated<Date>
  /** The provider's token for the changes since the last pass. Opaque. One of these two, or none. */
  delta: string | null
  packed_delta: Buffer | null
  /** Where the window of that token begins. */
  window_from: Date | null
  /** Changes may have been lost that the token does not know: in other calendars of the mailbox, and in Zoom. */
  in_doubt: boolean | null
  /** Until then the provider wants no request about the mailbox. */
  busy_until: Date | null
  /** When a notification came last, and when the calendar was compared last. */
  changed_at: Date | null
  checked_at: Date | null
  /** How often in a row the subscription, or a pass, has failed. It waits longer each time. Null: 0, as it is by default. */
  failures: number | null
  pass_failures: number | null
}
