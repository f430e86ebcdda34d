import type { Permission } from '../../contract/permission.ts'
import { permissionIn } from '../../contract/policies.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import { type Refused, requestTokens } from '../outbound/oauth.ts'
import type { Provider } from './provider.ts'

export interface MicrosoftApp {
  /** `https://login.microsoftonline.com` */
  authority: string
  clientId: string
  clientSecret: string
  /** `https://graph.microsoft.com`: the resource of the permissions. */
  graph: string
}

/** Microsoft Graph's names of the permissions. */
const scopes = { read: 'Calendars.Read', 'read-write': 'Calendars.ReadWrite' } as const

/**
 * What Entra's error codes mean for a connection. A refusal with another code means *needs sign-in*. Source: Entra,
 * "Authentication and authorization error codes".
 */
const meanings: Readonly<Record<number, Refused>> = {
  // The application or its consent is gone, or is not for this person.
  65001: 'revoked_by_provider',
  700016: 'revoked_by_provider',
  7000112: 'revoked_by_provider',
  500011: 'revoked_by_provider',
  50105: 'revoked_by_provider',
  // The account is disabled, or was deleted.
  50057: 'revoked_by_provider',
  50034: 'revoked_by_provider',
}

/**
 * The calendars of Microsoft 365, by OAuth 2.0 on-behalf-of with the add-in's own access token, and refresh. Entra
 * accepts a refresh token again after it has issued the next one ("Refresh tokens in the Microsoft identity platform"),
 * so each request is safe to repeat.
 */
export function microsoft({ authority, clientId, clientSecret, graph }: MicrosoftApp, log: Log): Provider {
  const ask = (caller: Caller, wanted: Permission, grant: Record<string, string>, signal: AbortSignal) =>
    requestTokens(
      {
        url: `${authority}/${tenantOf(caller)}/oauth2/v2.0/token`,
        form: {
          client_id: clientId,
          client_secret: clientSecret,
          scope: `${graph}/${scopes[wanted]} offline_access`,
          ...grant,
        },
        repeatable: true,
        suffices: (scope) => suffices(scope, wanted),
        meaning: ({ error_codes }) => error_codes.map((code) => meanings[code]).find(Boolean),
        log: (said, refusal) =>
          log.info('entra call', {
            method: 'POST',
            route: '/oauth2/v2.0/token',
            ...said,
            ...(refusal?.error_codes[0] && { entraCode: refusal.error_codes[0] }),
          }),
      },
      signal,
    )

  return {
    name: 'microsoft',
    // "Refresh tokens in the Microsoft identity platform".
    keepsFor: 90 * 24 * 3600,
    // Entra refuses a person whose program sends more than 15 equal requests in five minutes (AADSTS50196).
    checkedFor: 30,

    accepts: ({ proof }) => proof === 'entra',
    permits: permissionIn,

    /** The bearer is the person's own access token. */
    connect: (caller, wanted, { bearer }, signal) =>
      ask(
        caller,
        wanted,
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          requested_token_use: 'on_behalf_of',
          assertion: bearer,
        },
        signal,
      ),

    refresh: (caller, granted, refreshToken, signal) =>
      ask(caller, granted, { grant_type: 'refresh_token', refresh_token: refreshToken }, signal),
  }
}

const tenantOf = ({ subject }: Caller) => subject.split(':')[1] ?? ''

/** Entra names a permission with or without its resource, and in any case. Write includes read. */
function suffices(scope: string, permission: Permission): boolean {
  const names = scope.split(' ').map((name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase())
  const enough = permission === 'read' ? Object.values(scopes) : [scopes['read-write']]
  return enough.some((name) => names.includes(name.toLowerCase()))
}
