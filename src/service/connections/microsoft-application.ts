import { z } from 'zod'
import type { EntraSettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import { logEntraCall } from '../outbound/entra-call.ts'
import { requestTokens } from '../outbound/oauth.ts'
import { onceMore } from '../outbound/once-more.ts'
import type { ConnectionsSettings } from './settings.ts'

/** The service's application at Entra. */
export interface Application {
  /** `https://login.microsoftonline.com` */
  authority: string
  clientId: string
  /** Undefined: the service has none, and Entra is not asked. */
  clientSecret: string | undefined
  /** `https://graph.microsoft.com` */
  graph: string
}

export const applicationIn = (
  settings: Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'GRAPH_URL'> & EntraSettings,
): Application => ({
  authority: settings.ENTRA_AUTHORITY,
  clientId: settings.ENTRA_CLIENT_ID,
  clientSecret: settings.ENTRA_CLIENT_SECRET,
  graph: settings.GRAPH_URL,
})

/** Whether the application's own permissions open a mailbox's calendar. */
export type Reach =
  | { kind: 'reached' }
  /** Graph does not let the application open it: it lacks the permission, or Exchange limits it to other mailboxes. */
  | { kind: 'not_permitted' }
  /** Graph knows no such calendar in the directory. */
  | { kind: 'no_calendar' }
  /** Entra does not let the application into the directory. */
  | { kind: 'no_application' }
  | { kind: 'misconfigured' }
  /** `retryAfter` in seconds, if it was said. */
  | { kind: 'down'; retryAfter?: number }

/** Milliseconds for the token and the calendar together. */
const deadline = 8_000

/** "Authentication and authorization error codes": the application is not in the directory, or is disabled there. */
const missing = [700016, 7000112]

const calendar = z.object({ id: z.string().min(1) })
/** "Microsoft Graph error responses and resource types". */
const failure = z.object({ error: z.object({ code: z.string() }) })

/** Asks Entra for a token of the application itself, for one directory. */
export const applicationToken =
  ({ authority, clientId, graph }: Omit<Application, 'clientSecret'>, log: Log) =>
  (tenant: string, secret: string, signal: AbortSignal) =>
    requestTokens(
      {
        url: `${authority}/${tenant}/oauth2/v2.0/token`,
        form: {
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: secret,
          scope: `${graph}/.default`,
        },
        repeatable: true,
        meaning: ({ error_codes }) =>
          error_codes.some((code) => missing.includes(code)) ? 'revoked_by_provider' : undefined,
        log: logEntraCall(log),
      },
      signal,
    )

/**
 * Asks Microsoft Graph with the permissions of the application itself: `Calendars.Read` or `Calendars.ReadWrite`, which
 * an administrator of the directory grants, and which Exchange can limit to some mailboxes ("Role Based Access Control
 * for Applications in Exchange Online"). Each question has a token of its own: an older one would still be accepted
 * after the directory has removed the application.
 */
export function microsoftApplication({ authority, clientId, clientSecret, graph }: Application, log: Log) {
  const fetchToken = applicationToken({ authority, clientId, graph }, log)

  /** Undefined: Graph did not answer. */
  async function ask(token: string, mailbox: string, signal: AbortSignal): Promise<Response | undefined> {
    const began = performance.now()
    const url = `${graph}/v1.0/users/${encodeURIComponent(mailbox)}/calendar?$select=id`
    const headers = { authorization: `Bearer ${token}` }
    const response = await onceMore(() => fetch(url, { headers, redirect: 'error', signal })).catch(
      () => undefined,
    )
    log.info('graph call', {
      method: 'GET',
      route: '/users/{id}/calendar',
      status: response?.status ?? 0,
      milliseconds: Math.round(performance.now() - began),
    })
    return response
  }

  /** Asks for the calendar of a mailbox, by its object id in the directory `tenant`. It keeps nothing of it. */
  return async function reach(tenant: string, mailbox: string): Promise<Reach> {
    if (!clientSecret) return { kind: 'misconfigured' }
    const signal = AbortSignal.timeout(deadline)
    const token = await fetchToken(tenant, clientSecret, signal)
    if (token.kind === 'refused') return { kind: 'no_application' }
    if (token.kind !== 'granted') return token
    const response = await ask(token.accessToken, mailbox, signal)
    return response ? reachFrom(response) : { kind: 'down' }
  }
}

export type ReachMailbox = ReturnType<typeof microsoftApplication>

async function reachFrom(response: Response): Promise<Reach> {
  const { status, headers } = response
  const said: unknown = await response.json().catch(() => undefined)
  if (response.ok && calendar.safeParse(said).success) return { kind: 'reached' }
  // Graph answers 401 to a token without any permission.
  if (status === 401 || status === 403) return { kind: 'not_permitted' }
  // A 404 without Graph's own code is not Graph's.
  if (status === 404 && failure.safeParse(said).success) return { kind: 'no_calendar' }
  const seconds = Number(headers.get('retry-after'))
  return { kind: 'down', ...(seconds > 0 && { retryAfter: seconds }) }
}
