import type { Caller } from '../caller.ts'
import { refused } from '../refused.ts'

interface Checks {
  entra(token: string): Promise<Caller>
  session(session: string): Promise<Caller>
  ticket(ticket: string, key: string): Promise<Caller>
}

/**
 * Finds the caller of a bearer: an Entra access token, a session or a ticket for the meeting with this key. Without
 * `key` no ticket is accepted. An Exchange identity token is not accepted: it is exchanged once for a session.
 */
export function createProofs({ entra, session, ticket }: Checks) {
  return async function check(bearer: string, key?: string): Promise<Caller> {
    if (bearer.startsWith('session_')) return session(bearer)
    if (!bearer.startsWith('ticket_')) return entra(bearer)
    if (key === undefined) throw refused('ticket_elsewhere')
    return ticket(bearer, key)
  }
}
