import { sql } from 'kysely'
import type { Bootstrap, Login, Me, Session, SessionRequest } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { Database } from '../database/open.ts'
import type { Log } from '../log.ts'
import type { MeetingsTables } from '../meetings/tables.ts'
import type { Policies } from '../policies/policies.ts'
import { refused } from '../refused.ts'
import type { ServerSettings } from '../settings/server.ts'
import { whoSignedIn, type ZoomOAuth, zoomOAuth, zoomUserApp } from '../zoom/oauth.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { createProofs } from './bearer.ts'
import { bootstrapOf } from './bootstrap.ts'
import { callerRecords } from './callers.ts'
import { createEntra } from './entra.ts'
import { createExchange } from './exchange/identity-token.ts'
import { loginRecords } from './logins.ts'
import { sessionRecords } from './sessions.ts'
import { type IdentitySettings, servedBy } from './settings.ts'
import type { IdentityTables } from './tables.ts'
import { checkTicket } from './tickets.ts'

export type Settings = IdentitySettings &
  Pick<ServerSettings, 'PUBLIC_URL' | 'SWEEP_SECONDS'> &
  Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'CALENDAR_PERMISSION' | 'GOOGLE_CLIENT_ID'> &
  ZoomSettings

export type Identity = ReturnType<typeof createIdentity>

/** Who is calling, and which Zoom account is theirs. */
export function createIdentity(
  settings: Settings,
  ground: Database,
  audit: Audit,
  policies: Pick<Policies, 'of' | 'isSomebodys'>,
  log: Log,
) {
  const database = ground.withTables<IdentityTables & MeetingsTables>()
  const callers = callerRecords(ground, audit)
  const sessions = sessionRecords(ground)
  const exchange = createExchange({ endpoints: settings.EXCHANGE, audience: audienceOf(settings), log })
  const entra = createEntra(
    {
      authority: settings.ENTRA_AUTHORITY,
      clientId: settings.ENTRA_CLIENT_ID,
      tenants: settings.ENTRA_TENANTS,
      context: settings.ADMIN_AUTHENTICATION_CONTEXT,
    },
    log,
  )
  const proofs = createProofs({
    entra: entra.check,
    session: sessions.check,
    ticket: (ticket, key) => checkTicket(database, ticket, key),
  })
  const logins = loginRecords(ground)
  const app = zoomUserApp(settings)
  const zoom = app && zoomOAuth(app, log)
  const known = bootstrapOf(settings)
  const isServed = servedBy(settings)

  /**
   * Refuses an earlier session or ticket of who is served no more. Throws `exchange_sign_in_not_allowed`, for an earlier one
   * too.
   */
  async function requireSignIn<Known extends Caller>(caller: Known): Promise<Known> {
    if (!isServed(caller)) throw refused('not_served', caller.subject)
    if (caller.proof === 'exchange' && (await policies.of(caller)).exchangeSignIn === 'off')
      throw new Problem('exchange_sign_in_not_allowed')
    return caller
  }

  /**
   * Stores which Zoom account the caller schedules with, as a sign-in to Zoom has proved. Throws
   * `zoom_sign_in_not_allowed`.
   */
  async function tie(caller: ActiveCaller, login: Login): Promise<void> {
    if ((await policies.of(caller)).zoomSignIn === 'off') throw new Problem('zoom_sign_in_not_allowed')
    const code = await logins.redeem('zoom', login)
    const isConnected = async (zoomUserId: string) => (await callers.whoConnectedZoom(zoomUserId)).length > 0
    const { id, accountId } = await whoSignedIn(required(zoom), code, isConnected)
    if (accountId !== settings.ZOOM_ACCOUNT_ID) throw new Problem('zoom_other_account')
    await callers.tie(caller, id)
  }

  return {
    callers,
    logins,
    tie,
    async bootstrap(): Promise<Bootstrap> {
      // While it is not known, the add-in asks about its person.
      const everyMeeting = await policies.isSomebodys('everyMeeting', 'on').catch(() => true)
      return { ...known, everyMeeting }
    },

    requireActive: callers.requireActive,
    requireSignIn,
    checkAdministrator: entra.checkAdministrator,

    /** Who shows this bearer. `key`: the meeting that a ticket may be for; without it no ticket is accepted. */
    check: (bearer: string, key?: string) => proofs(bearer, key).then(requireSignIn),

    /**
     * Throws `link_required` while the Zoom account of the mailbox is not known, and `exchange_sign_in_not_allowed`. `count`
     * refuses a mailbox that asks too often: each session is a record of the audit trail.
     */
    async startSession(
      { token, link }: SessionRequest,
      count: (caller: Caller) => Promise<void>,
    ): Promise<Session> {
      const proved = await exchange.check(token).then(requireSignIn)
      await count(proved)
      const caller = await callers.requireActive(proved)
      if (link) await tie(caller, link)
      else if (!(await callers.zoomUserOf(caller.subject))) throw new Problem('link_required')
      return audit.together(database, async (all, record) => {
        const session = await sessions.start(all, caller)
        await record({ act: 'session started', caller: caller.subject })
        return session
      })
    },

    /** The address at Zoom that the browser goes to. */
    async beginZoomLogin(challenge: string): Promise<string> {
      const oauth = required(zoom)
      const begun = await logins.begin('zoom', challenge)
      return oauth.authorize(begun.state, begun.challenge)
    },

    async me(caller: ActiveCaller): Promise<Me> {
      const { subject, proof, name } = caller
      const [zoomUser, { tidy, everyMeeting }] = await Promise.all([
        callers.zoomUserOf(subject),
        policies.of(caller),
      ])
      return {
        ...(name && { name }),
        proof,
        zoomLinked: zoomUser !== undefined,
        tidy,
        everyMeeting: everyMeeting === 'on',
      }
    },

    async disconnect(caller: ActiveCaller): Promise<void> {
      await callers.disconnect(caller.subject)
    },

    /** Removes expired sessions and sign-ins. */
    async removeExpired(): Promise<void> {
      for (const table of ['sessions', 'logins'] as const) {
        await database.deleteFrom(table).where('until', '<', sql<Date>`now()`).execute()
      }
    },
  }
}

/** The audience of identity tokens of Exchange: the first `SourceLocation` of our manifest. */
const audienceOf = ({ PUBLIC_URL }: Settings) => `${PUBLIC_URL}/addin/taskpane/index.html`

/** Throws `not_supported` where no user-managed Zoom app is configured. */
function required(zoom: ZoomOAuth | undefined): ZoomOAuth {
  if (!zoom) throw new Problem('not_supported')
  return zoom
}
