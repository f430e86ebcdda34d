import {
  type Connection,
  type ConnectionState,
  connectionStates,
  type Connections as Shown,
} from '../../contract/connections.ts'
import { isMore, type Permission } from '../../contract/permission.ts'
import { Problem } from '../../contract/problems.ts'
import { problems } from '../../contract/service-problems.ts'
import type { Act } from '../audit/acts.ts'
import type { Entry } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { untilTaken } from '../deadline.ts'
import type { Callers } from '../identity/callers.ts'
import type { Log } from '../log.ts'
import type { Credential, Credentials, RefreshLease } from '../vault/credentials.ts'
import { VaultFailure } from '../vault/failure.ts'
import { leasePatience } from '../vault/shared-secret.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Answer, Microsoft } from './microsoft.ts'
import type { ConnectionRecords } from './records.ts'
import type { Standings } from './standing.ts'

interface Needs {
  database: Database
  audit: Audit
  callers: Callers
  credentials: Credentials
  records: ConnectionRecords
  tokens: AccessTokens
  standings: Standings
  /** Undefined: the service has no secret at Entra, and nobody can connect a calendar. */
  entra: Microsoft | undefined
  /** What the caller's organisation lets the service do with their calendar. Undefined: they can connect none. */
  allowed(caller: Caller): Promise<Permission | undefined>
  log: Log
}

/** How long Entra keeps a refresh token that is not used, in seconds ("Refresh tokens in the Microsoft identity platform"). */
const refreshTokenSeconds = 90 * 24 * 3600
/**
 * For so many seconds after Entra accepted the credential, the connection counts as checked. Entra refuses a person whose
 * program sends more than 15 equal requests in five minutes (AADSTS50196).
 */
const checkedSeconds = 30

/** The connections of people with their calendars. Each act is about the caller's own records: they name no other. */
export function createConnections(needs: Needs) {
  const { database, audit, callers, credentials, records, tokens, standings, entra } = needs
  const { allowed, log } = needs

  async function connect(caller: ActiveCaller, assertion: string): Promise<Connection> {
    if (!entra || caller.proof !== 'entra') throw new Problem('not_supported')
    const before = await records.find(caller.subject)
    if (before?.state === 'disconnected_by_administrator') return shown(before.state, before.permission)
    const permission = await allowed(caller)
    if (!permission) throw new Problem('calendar_not_allowed')
    const lease = await leased(caller, async (found) =>
      credentials.lease(ownerOf(caller), found?.version ?? 0),
    )
    return releasing(lease, async () => {
      const seal = await credentials.sealer(lease)
      const answer = await entra.onBehalfOf(tenantOf(caller), permission, assertion)
      if (answer.kind === 'refused') return stop(caller, permission, lease, answer)
      if (answer.kind === 'misconfigured') throw new Problem('calendar_misconfigured')
      if (answer.kind === 'down' || !answer.refreshToken) throw unreachable(answer)
      const sealed = seal(answer.refreshToken)
      const version = await audit.together(database, async (all, record) => {
        await callers.hold(caller, all)
        const version = await credentials.replace(lease, sealed, refreshTokenSeconds, all)
        if (version === undefined) return undefined
        await records.put(caller.subject, permission, 'connected', all)
        await record(entryOf('calendar connected', caller, { permission }))
        return version
      })
      if (version === undefined) return current(caller)
      keep(lease, version, permission, answer)
      return shown('connected', permission)
    })
  }

  /**
   * The state now. Asks Entra, unless that is needless or Entra is known to be down. A connection that may do more than a
   * policy allows now goes on with less, or ends.
   */
  async function check(
    caller: ActiveCaller,
    isNeedless: (found: Credential) => boolean = wasAccepted,
  ): Promise<Connection> {
    const [row, permission] = await Promise.all([records.find(caller.subject), allowed(caller)])
    if (!row) return shown('not_connected', permission ?? 'read')
    if (!entra || !hasCredential(row.state) || (row.waiting && permission))
      return shown(row.state, row.permission)
    const isTooMuch = !permission || isMore(row.permission, permission)
    const taken = await leased(caller, async (found) => {
      if (!found?.sealed || (!isTooMuch && isNeedless(found))) return { found }
      const lease = await credentials.lease(ownerOf(caller), found.version)
      return lease && { found, lease }
    })
    const { found, lease } = { lease: undefined, ...taken }
    if (!found?.sealed) return lost(caller)
    if (!lease) return current(caller)
    return releasing(lease, async () => {
      if (!permission) return stop(caller, row.permission, lease, { state: 'permission_lowered' })
      return refresh(caller, isTooMuch ? permission : row.permission, found, lease, isTooMuch)
    })
  }

  async function refresh(
    caller: ActiveCaller,
    granted: Permission,
    found: Credential,
    lease: RefreshLease,
    isLowered: boolean,
  ) {
    const [secret, seal] = await Promise.all([opened(found), credentials.sealer(lease)])
    if (secret === undefined) return stop(caller, granted, lease, { state: 'needs_sign_in' })
    const answer = await (entra as Microsoft).refresh(tenantOf(caller), granted, secret)
    if (answer.kind === 'refused') return stop(caller, granted, lease, answer)
    if (answer.kind !== 'granted') {
      await records.failed(caller.subject, 'retryAfter' in answer ? answer.retryAfter : undefined)
      return current(caller)
    }
    const sealed = seal(answer.refreshToken ?? secret)
    const version = await audit.together(database, async (all, record) => {
      const version = await credentials.replace(lease, sealed, refreshTokenSeconds, all)
      if (version !== undefined) await records.put(caller.subject, granted, 'connected', all)
      if (version !== undefined && isLowered)
        await record(entryOf('calendar lowered', caller, { permission: granted }))
      return version
    })
    if (version !== undefined) keep(lease, version, granted, answer)
    return current(caller)
  }

  /** Keeps the access token that came with the credential. */
  function keep(
    lease: RefreshLease,
    version: number,
    permission: Permission,
    answer: Extract<Answer, { kind: 'granted' }>,
  ): void {
    tokens.keep(lease, version, permission, answer)
    standings.forget(lease.owner.caller)
  }

  /** Nothing in memory of this process outlives the connection. */
  function forget(subject: string): void {
    tokens.forget(subject)
    standings.forget(subject)
  }

  /** The provider refuses: its state is stored once, and without a credential nobody asks the provider again. */
  async function stop(
    caller: ActiveCaller,
    permission: Permission,
    lease: RefreshLease,
    { state, claims }: Pick<Extract<Answer, { kind: 'refused' }>, 'state' | 'claims'>,
  ): Promise<Connection> {
    const stopped = await audit.together(database, async (all, record) => {
      await callers.hold(caller, all)
      if (!(await credentials.destroyLeased(lease, all))) return false
      await records.put(caller.subject, permission, state, all)
      await record(entryOf('calendar stopped', caller, { reason: state }))
      return true
    })
    forget(caller.subject)
    if (!stopped) return current(caller)
    return { ...shown(state, permission), ...(claims && { claims }) }
  }

  /** The credential of a connection is gone: it was not used for too long, or the person has just disconnected. */
  async function lost(caller: ActiveCaller): Promise<Connection> {
    await audit.together(database, async (all, record) => {
      await callers.hold(caller, all)
      if (await records.lapse(caller.subject, all))
        await record(entryOf('calendar stopped', caller, { reason: 'needs_sign_in' }))
    })
    return current(caller)
  }

  async function disconnect(caller: ActiveCaller): Promise<void> {
    await audit.together(database, async (all, record) => {
      const destroyed = await credentials.destroy(ownerOf(caller), all)
      const removed = await records.remove(caller.subject, all)
      if (destroyed || removed) await record(entryOf('calendar disconnected', caller))
    })
    forget(caller.subject)
  }

  async function current({ subject }: ActiveCaller): Promise<Connection> {
    const row = await records.find(subject)
    return shown(row?.state ?? 'not_connected', row?.permission ?? 'read')
  }

  /** Tries `take` until it has what it needs: another request, of any process, may be working on the record. */
  function leased<Taken>(
    caller: ActiveCaller,
    take: (found: Credential | undefined) => Promise<Taken | undefined>,
  ): Promise<Taken> {
    const takeNow = async () => take(await credentials.find(ownerOf(caller)))
    return untilTaken(leasePatience, takeNow, () => new Problem('calendar_busy'))
  }

  /** Ends the lease if the act leaves it. */
  async function releasing<T>(lease: RefreshLease, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } finally {
      await credentials.release(lease).catch(() => {})
    }
  }

  /** Undefined: it can never be opened again. */
  async function opened(found: Credential): Promise<string | undefined> {
    try {
      return found.sealed ? await credentials.open(found, found.sealed) : undefined
    } catch (error) {
      if (!(error instanceof VaultFailure) || error.reason === 'keys_unavailable') throw error
      log.error('credential not opened', { reason: error.reason })
      return undefined
    }
  }

  callers.whenDisconnected(forget)

  return {
    connect,
    disconnect,
    check,

    /** Every provider that the caller can connect. */
    async all(caller: ActiveCaller): Promise<Shown> {
      if (!entra || caller.proof !== 'entra') return {}
      const connection = await check(caller)
      if (await allowed(caller)) return { microsoft: connection }
      return connection.state === 'not_connected' ? {} : { microsoft: withoutWayOut(connection) }
    },
  }
}

export type ConnectionActs = ReturnType<typeof createConnections>

const wasAccepted = ({ age }: Credential) => age < checkedSeconds

/** The states in which the vault has a credential. In every other one it has none. */
export const hasCredential = (state: ConnectionState) => state === 'connected' || state === 'provider_down'

const tenantOf = ({ subject }: Caller) => subject.split(':')[1] ?? ''

export const ownerOf = (caller: Caller) =>
  ({
    organisation: tenantOf(caller),
    caller: caller.subject,
    provider: 'microsoft',
    purpose: 'refresh-token',
  }) as const

/** What the audit trail says of an act of the caller on their calendar. */
const entryOf = (
  act: Extract<Act, `calendar ${string}`>,
  { subject: caller }: ActiveCaller,
  detail: Record<string, string> = {},
): Entry => ({ act, caller, detail: { provider: 'microsoft', ...detail } })

function shown(state: ConnectionState, permission: Permission): Connection {
  const { says, wayOut } = connectionStates[state]
  return { state, says, wayOut, permission }
}

/** The organisation allows no connection any more, so the person cannot connect again. */
const withoutWayOut = (connection: Connection): Connection =>
  connection.state === 'disconnected_by_administrator'
    ? connection
    : { ...connection, says: problems.calendar_not_allowed.says, wayOut: 'none' }

const unreachable = (answer: Answer) =>
  new Problem(
    'calendar_unreachable',
    'retryAfter' in answer && answer.retryAfter ? { retryAfter: answer.retryAfter } : {},
  )
