import { sql } from 'kysely'
import type { Bootstrap, Me, Session, SessionRequest, ZoomLogin } from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller, Proven } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Fields, Log } from '../log.ts'
import type { Settings } from '../settings/settings.ts'
import { zoomOAuth } from '../zoom/oauth.ts'
import { createProofs } from './bearer.ts'
import { callerRecords } from './callers.ts'
import { createEntra } from './entra.ts'
import { createExchange } from './exchange/identity-token.ts'
import { sessionRecords } from './sessions.ts'
import { checkTicket } from './tickets.ts'
import { zoomLogins } from './zoom-logins.ts'

export type Identity = ReturnType<typeof createIdentity>

/** Who is asking, and whose Zoom account is theirs. */
export function createIdentity(settings: Settings, database: Database, log: Log) {
  const callers = callerRecords(database)
  const sessions = sessionRecords(database)
  const exchange = createExchange({ endpoints: settings.EXCHANGE, audience: audienceOf(settings), log })
  const entra = createEntra(
    {
      authority: settings.ENTRA_AUTHORITY,
      clientId: settings.ENTRA_CLIENT_ID,
      tenants: settings.ENTRA_TENANTS,
    },
    () => log.error('entra keys unavailable'),
  )
  const logins = zoomLoginsOf(settings, database, log)
  const audit = (act: string, { subject }: Proven, also: Fields = {}) =>
    log.info('audit', { act, caller: subject, ...also })

  /** Settles whose Zoom account the caller schedules with, by a sign-in to Zoom. */
  async function tie(caller: Caller, login: ZoomLogin): Promise<void> {
    await callers.tie(caller, await logins().redeem(login))
    audit('zoom linked', caller)
  }

  return {
    callers,
    tie,
    bootstrap: bootstrapOf(settings),

    admit: callers.admit,

    /** Whose bearer this is. `key`: the meeting that a ticket may be for; without it none counts. */
    check: createProofs({
      entra: entra.check,
      session: sessions.check,
      ticket: (ticket, key) => checkTicket(database, ticket, key),
    }),

    /** Throws `link_required` when nobody has said yet whose Zoom account the mailbox schedules with. */
    async startSession({ token, link }: SessionRequest): Promise<Session> {
      const caller = await callers.admit(await exchange.check(token))
      if (link) await tie(caller, link)
      else if (!(await callers.zoomUserOf(caller.subject))) throw new Problem('link_required')
      const session = await sessions.start(caller)
      audit('session started', caller)
      return session
    },

    /** Where to send the browser. */
    beginZoomLogin: async (challenge: string): Promise<string> => logins().begin(challenge),
    /** A one-time code for the add-in. */
    finishZoomLogin: async (state: string, code: string): Promise<string> => logins().finish(state, code),

    async me({ subject, proof, name }: Caller): Promise<Me> {
      const zoomLinked = (await callers.zoomUserOf(subject)) !== undefined
      return { ...(name && { name }), proof, zoomLinked }
    },

    async disconnect(caller: Caller): Promise<void> {
      await callers.disconnect(caller.subject)
      audit('disconnected', caller)
    },

    /** Removes what counts no more. */
    async sweep(): Promise<void> {
      for (const table of ['sessions', 'zoom_logins', 'zoom_login_codes'] as const) {
        await database.deleteFrom(table).where('until', '<', sql<Date>`now()`).execute()
      }
    },
  }
}

/** Whom identity tokens of Exchange are for: the first `SourceLocation` of our manifest. */
const audienceOf = ({ PUBLIC_URL }: Settings) => `${PUBLIC_URL}/addin/taskpane/index.html`

/** Throws `not_supported` where no app for it is registered at Zoom. */
function zoomLoginsOf(settings: Settings, database: Database, log: Log) {
  const { ZOOM_USER_CLIENT_ID: clientId, ZOOM_USER_CLIENT_SECRET: clientSecret } = settings
  const app = {
    apiUrl: settings.ZOOM_API_URL,
    oauthUrl: settings.ZOOM_OAUTH_URL,
    accountId: settings.ZOOM_ACCOUNT_ID,
    redirectUri: settings.PUBLIC_URL + paths.zoomLoginCallback,
  }
  const made =
    clientId && clientSecret
      ? zoomLogins(database, zoomOAuth({ ...app, clientId, clientSecret }, log))
      : undefined
  return function logins() {
    if (!made) throw new Problem('not_supported')
    return made
  }
}

function bootstrapOf(settings: Settings): Bootstrap {
  const {
    ENTRA_AUTHORITY,
    ENTRA_CLIENT_ID,
    ENTRA_TENANTS,
    EXCHANGE,
    EVERY_MEETING,
    TIDY_INVITATION,
    ZOOM_USER_CLIENT_ID,
  } = settings
  const directory = ENTRA_TENANTS.length === 1 ? ENTRA_TENANTS[0] : 'organizations'
  return {
    clientId: ENTRA_CLIENT_ID,
    authority: `${ENTRA_AUTHORITY}/${directory}`,
    scope: `api://${ENTRA_CLIENT_ID}/access_as_user`,
    exchange: EXCHANGE.length > 0,
    zoomLogin: ZOOM_USER_CLIENT_ID !== undefined,
    everyMeeting: EVERY_MEETING,
    tidyInvitation: TIDY_INVITATION,
  }
}
