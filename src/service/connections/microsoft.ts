import type { Permission, Permits } from '../../contract/permission.ts'
import { permitsIn } from '../../contract/policies.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import { logEntraCall } from '../outbound/entra-call.ts'
import { type Answer, type Refused, requestTokens } from '../outbound/oauth.ts'
import type { Granted, Provider } from './provider.ts'

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
const contactScopes = { read: 'Contacts.Read', 'read-write': 'Contacts.ReadWrite' } as const

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
  /**
   * Entra refuses the whole request where one permission has no consent. So it is asked for the calendar alone then:
   * that contacts are not consented to ends no calendar.
   */
  async function ask(
    caller: Caller,
    wanted: Permits,
    grant: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer<Granted>> {
    const answer = await askOnce(caller, wanted, grant, signal)
    if (answer.kind === 'granted') return { ...answer, opens: opensOf(answer.scope) }
    if (!wanted.contacts || answer.kind !== 'refused' || answer.state !== 'revoked_by_provider') return answer
    return ask(caller, { permission: wanted.permission }, grant, signal)
  }

  const askOnce = (
    caller: Caller,
    { permission, contacts }: Permits,
    grant: Record<string, string>,
    signal: AbortSignal,
  ) => {
    const names = [scopes[permission], ...(contacts ? [contactScopes[contacts]] : [])]
    return requestTokens(
      {
        url: `${authority}/${tenantOf(caller)}/oauth2/v2.0/token`,
        form: {
          client_id: clientId,
          client_secret: clientSecret,
          scope: [...names.map((name) => `${graph}/${name}`), 'offline_access'].join(' '),
          ...grant,
        },
        repeatable: true,
        suffices: (scope) => suffices(scope, permission),
        meaning: ({ error_codes }) => error_codes.map((code) => meanings[code]).find(Boolean),
        log: logEntraCall(log),
      },
      signal,
    )
  }

  return {
    name: 'microsoft',
    // "Refresh tokens in the Microsoft identity platform".
    keepsFor: 90 * 24 * 3600,
    // Entra refuses a person whose program sends more than 15 equal requests in five minutes (AADSTS50196).
    checkedFor: 30,

    accepts: ({ proof }) => proof === 'entra',
    permits: permitsIn,

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

/** Entra names a permission with or without its resource, and in any case. */
const namesIn = (scope: string) =>
  scope.split(' ').map((name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase())

/** Write includes read. */
function suffices(scope: string, permission: Permission): boolean {
  const enough = permission === 'read' ? Object.values(scopes) : [scopes['read-write']]
  return enough.some((name) => namesIn(scope).includes(name.toLowerCase()))
}

/**
 * What a token opens. Entra puts every permission into it that the organisation has consented to, whatever was asked
 * for. A permission for contacts that is not known here counts as writing.
 */
function opensOf(scope: string): Permits {
  const forContacts = namesIn(scope).filter((name) => name.startsWith('contacts.'))
  const isRead = forContacts.every((name) => name === contactScopes.read.toLowerCase())
  return {
    permission: suffices(scope, 'read-write') ? 'read-write' : 'read',
    contacts: forContacts.length === 0 ? undefined : isRead ? 'read' : 'read-write',
  }
}
