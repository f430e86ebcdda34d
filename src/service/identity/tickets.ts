import { type Kysely, sql } from 'kysely'
import type { Caller } from '../caller.ts'
import type { MeetingsTables } from '../meetings/tables.ts'
import { refused } from '../refused.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'

/** The longest life of a ticket, in milliseconds, however far away the meeting is. */
const longest = 2 * 365 * 24 * 3_600_000

/** What a meeting's record stores of its ticket. */
export interface TicketRow {
  ticket?: Buffer
  ticket_subject?: string
  ticket_proved_at?: Date
  ticket_until: Date
}

/**
 * Issues a ticket for one meeting. A caller with another proof gets a new ticket, which ends the previous one. A caller
 * who showed a ticket keeps it, because a launch event may be unable to store another on the item. `until`: when the
 * meeting's id ends, in milliseconds.
 */
export function issueTicket(caller: Caller, until: number): [string, TicketRow] {
  const { ticket_until } = extendTicket(until)
  if (caller.ticket) return [caller.ticket, { ticket_until }]
  const ticket = newSecret('ticket')
  const ticket_proved_at = new Date(caller.provedAt)
  return [ticket, { ticket: sha256(ticket), ticket_subject: caller.subject, ticket_proved_at, ticket_until }]
}

/** The ticket of a meeting stays, and lives as long as the meeting's id. `until` in milliseconds. */
export const extendTicket = (until: number): TicketRow => ({
  ticket_until: new Date(Math.min(until, Date.now() + longest)),
})

/** The ticket's caller. The ticket is accepted for the meeting with this key only. */
export async function checkTicket(
  database: Kysely<MeetingsTables>,
  ticket: string,
  key: string,
): Promise<Caller> {
  const row = await database
    .selectFrom('meetings')
    .select(['ticket_subject', 'ticket_proved_at'])
    .where('ticket', '=', sha256(ticket))
    .where('key', '=', key)
    .where('ticket_until', '>', sql<Date>`now()`)
    .executeTakeFirst()
  if (!row?.ticket_subject || !row.ticket_proved_at) throw refused('ticket')
  const { ticket_subject: subject, ticket_proved_at: provedAt } = row
  const proof = subject.startsWith('entra:') ? 'entra' : 'exchange'
  return { subject, proof, provedAt: provedAt.getTime(), ticket }
}
