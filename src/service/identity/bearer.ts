import type { Proven } from '../caller.ts'
import { refused } from '../refused.ts'

interface Checks {
  entra(token: string): Promise<Proven>
  session(session: string): Promise<Proven>
  ticket(ticket: string, key: string): Promise<Proven>
}

/**
 * One caller, whatever the bearer is: an Entra access token, a session or, for the meeting with this key, a ticket.
 * Without `key` no ticket counts. An Exchange identity token is none of these: it is exchanged, once, for a session.
 */
export function createProofs({ entra, session, ticket }: Checks) {
  return async function check(bearer: string, key?: string): Promise<Proven> {
    if (bearer.startsWith('session_')) return session(bearer)
    if (!bearer.startsWith('ticket_')) return entra(bearer)
    if (key === undefined) throw refused('ticket_elsewhere')
    return ticket(bearer, key)
  }
}
